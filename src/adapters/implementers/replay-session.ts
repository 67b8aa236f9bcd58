import { lstat, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import type {
  AdaptationTask,
  AgentEvent,
  Implementer,
} from "../../delivery/agent/implementer.port.ts";
import type { Planner } from "../../delivery/agent/planner.port.ts";
import {
  adaptationFacts,
  designFacts,
  implementationFacts,
  platformFacts,
  refinementFacts,
} from "../../delivery/agent/session-prompt.ts";
import {
  answerFrom,
  bytesOf,
  type AnswerTo,
  type FileChange,
  type Session,
} from "../../delivery/agent/session-recording.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import { withItsFiles } from "../../delivery/agent/session-withheld.ts";

/**
 * Does what was recorded, byte for byte. A prompt that was not recorded is no failure of an
 * implementer but a wrong file: iterating throws AUTOSD-REPLAY-UNKNOWN-PROMPT. Adapts only when an
 * adaptation was recorded: whoever was recorded else may have worked from what was there.
 */
export function createReplayImplementer(session: Session): Implementer {
  const replay: Implementer = {
    kind: "replay",
    implement: (task, signal) =>
      replayed(task, signal, () => {
        const answer = answerFrom(session, "implement", implementationFacts(task));
        return withItsFiles(answer, `story ${task.story.id}, attempt ${task.attempt}`);
      }),
  };
  if (!session.exchanges.some(({ kind }) => kind === "adapt")) return replay;
  return {
    ...replay,
    adapt: (task, signal) =>
      replayed(task, signal, () => {
        const answer = answerFrom(session, "adapt", adaptationFacts(task));
        return withItsFiles(answer, "the adaptation to changed requirements");
      }),
  };
}

async function* replayed(
  { workspace }: AdaptationTask,
  signal: AbortSignal,
  answer: () => AnswerTo<"implement">,
): AsyncIterable<AgentEvent> {
  const { events, changes } = answer();
  for (const event of events) {
    signal.throwIfAborted();
    if (event.kind === "progress") {
      yield event;
      continue;
    }
    // The last event says that the files are there.
    for (const change of inOrder(changes)) {
      signal.throwIfAborted();
      await make(workspace, change);
    }
    yield event;
  }
}

/** What is gone makes room first: a link may stand where a folder was. */
function inOrder(changes: readonly FileChange[]): readonly FileChange[] {
  const gone = changes.filter(({ kind }) => kind === "remove");
  return [...gone, ...changes.filter(({ kind }) => kind !== "remove")];
}

async function make(workspace: Workspace, change: FileChange): Promise<void> {
  switch (change.kind) {
    case "remove":
      return workspace.remove(change.path);
    case "link":
      return makeLink(workspace, change.path, change.target);
    case "write": {
      const { executable } = change;
      const options = executable === undefined ? {} : { executable };
      // A link that stood there is not written through.
      if (await isLink(join(workspace.root, change.path))) await workspace.remove(change.path);
      return workspace.write(change.path, bytesOf(change.content), options);
    }
  }
}

/** The workspace makes no links: it makes a file, after looking at the way there, and that becomes one. */
async function makeLink(workspace: Workspace, path: string, target: string): Promise<void> {
  const place = join(workspace.root, path);
  await workspace.remove(path);
  await workspace.write(path, "");
  const beside = `${place}.${process.pid}.link`;
  await symlink(target, beside);
  await rename(beside, place);
}

async function isLink(place: string): Promise<boolean> {
  return (await lstat(place).catch(() => undefined))?.isSymbolicLink() === true;
}

/** Answers as recorded. Throws AUTOSD-REPLAY-UNKNOWN-PROMPT for what was not asked then. */
export function createReplayPlanner(session: Session): Planner {
  return {
    kind: "replay",
    async refine(document, signal) {
      signal.throwIfAborted();
      return answerFrom(session, "refine", refinementFacts(document));
    },
    async choosePlatform(document, refined, preferred) {
      return answerFrom(session, "choose-platform", platformFacts(document, refined, preferred));
    },
    async designDocument(document, refined, plan) {
      return answerFrom(session, "design-document", designFacts(document, refined, plan));
    },
  };
}
