import { once } from "./governance.ts";
import type { Parts } from "./parts.ts";
import { runLauncher } from "./run.ts";
import type { Autosd } from "../engine/autosd.ts";

/** What works on the records of projects, each made once and when needed. */
export class RecordParts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Records, and what says of them that this home wrote them. */
  readonly #records = async () => {
    const { files, own } = this.#parts.machine;
    return { files: await files(), own: await own() };
  };

  readonly backlogCalls = once(async () => {
    const { createBacklogCalls } = await import("../engine/backlog/backlog-calls.ts");
    const { readDocument } = await import("../delivery/requirements/read-document.ts");
    return createBacklogCalls({
      ...(await this.#records()),
      projects: await this.#parts.machine.projects(),
      clock: await this.#parts.machine.clock(),
      exclusively: this.#parts.exclusively,
      readDocument: (source, text) => readDocument({ source, bytes: Buffer.from(text, "utf8") }),
    });
  });

  readonly sprintCalls = once(async () =>
    (await import("../engine/sprint/sprint-calls.ts")).createSprintCalls({
      ...(await this.#records()),
      clock: await this.#parts.machine.clock(),
      runs: await this.#parts.engine(),
      exclusively: this.#parts.exclusively,
    }),
  );

  readonly projectCalls = once(async () =>
    (await import("../engine/projects/project-calls.ts")).createProjectCalls({
      projects: await this.#parts.machine.projects(),
      ...(await this.#records()),
      runs: { get: async (runId) => (await this.#parts.engine()).get(runId) },
      recordRetirement: (id) => this.#parts.policy.recordRetirement(id),
      clock: await this.#parts.machine.clock(),
    }),
  );
}

/** The calls that show and change the records of projects; a sprint is also run. */
export function recordCalls(
  parts: Parts,
  records: RecordParts,
): Pick<Autosd, "backlog" | "sprint" | "projects"> {
  // Two names of one folder are one project.
  const at = async (directory: string): Promise<string> =>
    (await parts.machine.folders()).resolve(directory);
  return {
    backlog: {
      show: async (directory) => (await records.backlogCalls()).show(await at(directory)),
      refine: async (directory) => (await records.backlogCalls()).refine(await at(directory)),
    },
    sprint: {
      plan: async (directory, max) => (await records.sprintCalls()).plan(await at(directory), max),
      start: async (directory) => (await records.sprintCalls()).start(await at(directory)),
      review: async (directory) => (await records.sprintCalls()).review(await at(directory)),
      retro: async (directory) => (await records.sprintCalls()).retro(await at(directory)),
      metrics: async (directory) => (await records.sprintCalls()).metrics(await at(directory)),
      run: (directory, maxStories, observer, signal) =>
        parts.sayingFullDisk(directory, async () =>
          (await import("../engine/run/run-sprint.ts")).runSprint(
            await runLauncher(parts, observer, signal),
            { directory, maxStories },
            signal,
          ),
        ),
    },
    projects: {
      list: async (filter) => (await records.projectCalls()).list(filter),
      show: async (id) => (await records.projectCalls()).show(id),
      summary: async () => (await records.projectCalls()).summary(),
      status: async (id) => (await records.projectCalls()).status(id),
      retire: async (id) => (await records.projectCalls()).retire(id),
    },
  };
}
