import type { PromptTemplates } from "../delivery/agent/learning/prompt-templates.port.ts";
import type { Exclusively } from "../engine/backlog/backlog-calls.ts";
import type { LearnCalls } from "../engine/learn/learn-calls.ts";
import { RunError } from "../engine/ports/errors.ts";
import type { Folders } from "../engine/ports/folders.port.ts";
import type { PartitionLock } from "../engine/ports/partition-lock.port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { ProjectFiles } from "../state/project-files.port.ts";
import type { ProjectStore } from "../state/projects.port.ts";

/** What learning works with; each part is built when the command needs it. */
export interface LearnParts {
  readonly projects: () => Promise<ProjectStore>;
  readonly files: () => Promise<ProjectFiles>;
  readonly prompts: () => Promise<PromptTemplates>;
  readonly clock: () => Promise<Clock>;
  readonly folders: () => Promise<Folders>;
  readonly lock: () => Promise<PartitionLock>;
  /** While no run works on the project. */
  readonly exclusively: Exclusively;
}

const homePartition = "prompts of the home folder";
const command = "autosd learn";

/** `autosd learn` on this machine's parts. */
export async function learnCalls(parts: LearnParts): Promise<LearnCalls> {
  const { createLearnCalls } = await import("../engine/learn/create-learn-calls.ts");
  const { createPromptJournal } = await import("../adapters/store/prompt-journal.ts");
  const files = await parts.files();
  const folders = await parts.folders();
  return createLearnCalls({
    files,
    projects: await parts.projects(),
    journalOf: (directory) => createPromptJournal(files, directory),
    templates: await parts.prompts(),
    clock: await parts.clock(),
    resolve: (directory) => folders.resolve(directory),
    exclusively: (place, work) =>
      place.scope === "project"
        ? parts.exclusively(place.directory, work, command)
        : holding(parts.lock, work),
  });
}

async function holding<T>(open: () => Promise<PartitionLock>, work: () => Promise<T>): Promise<T> {
  const attempt = await (await open()).acquire(homePartition, { command });
  if (attempt.kind === "busy")
    throw new RunError(
      "AUTOSD-RUN-BUSY",
      "another command changes the prompts of the home folder",
      {
        remedy: "Run the command again in a moment.",
      },
    );
  try {
    return await work();
  } finally {
    await attempt.release();
  }
}
