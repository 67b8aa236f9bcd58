import type { Backlog } from "../../delivery/backlog/backlog.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { BuildContext } from "./build-context.ts";

/** `.autosd/progress.json`: where the run stands, for whoever looks from outside. Repeatable. */
export async function writeProgress(
  build: Pick<BuildContext, "services" | "request" | "projectId" | "ctx">,
  backlog: Backlog,
  current: string | undefined,
): Promise<void> {
  const count = (status: string): number =>
    backlog.stories.filter((story) => story.status === status).length;
  const progress = {
    schema: "autosd/progress@1",
    project: build.projectId,
    run: build.ctx.runId,
    updatedAt: isoTime(build.services.clock.now()),
    current: current ?? null,
    stories: {
      total: backlog.stories.length,
      done: count("done"),
      failed: count("failed"),
      unimplemented: count("unimplemented"),
      waiting: count("ready") + count("in_progress"),
    },
  };
  await build.services.files.write(
    build.request.directory,
    "progress.json",
    `${JSON.stringify(progress, undefined, 2)}\n`,
  );
}
