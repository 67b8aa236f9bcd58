import type { ExitCode } from "../../kernel/errors.ts";
import { type Invocation, writeJson } from "../action.ts";
import { projectDirectory } from "../project-option.ts";
import { renderBacklog, renderBacklogChange } from "../render/backlog.ts";

/** `autosd backlog show`. */
export async function showBacklog(invocation: Invocation): Promise<ExitCode> {
  const directory = await projectDirectory(invocation);
  const backlog = await (await invocation.engine()).backlog.show(directory);
  if (invocation.json) writeJson(invocation, backlog);
  else invocation.context.stdout.write(renderBacklog(backlog, invocation.context.stdout));
  return 0;
}

/** `autosd backlog refine`. */
export async function refineBacklog(invocation: Invocation): Promise<ExitCode> {
  const directory = await projectDirectory(invocation);
  const change = await (await invocation.engine()).backlog.refine(directory);
  if (invocation.json) writeJson(invocation, { schema: "autosd/backlog-change@1", ...change });
  else invocation.context.stdout.write(renderBacklogChange(change, invocation.context.stdout));
  return 0;
}
