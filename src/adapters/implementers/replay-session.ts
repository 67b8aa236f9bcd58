import type {
  AgentEvent,
  ImplementationTask,
  Implementer,
} from "../../delivery/agent/implementer.port.ts";
import type { Planner } from "../../delivery/agent/planner.port.ts";
import {
  designFacts,
  implementationFacts,
  platformFacts,
  refinementFacts,
} from "../../delivery/agent/session-prompt.ts";
import { answerFrom, bytesOf, type Session } from "../../delivery/agent/session-recording.ts";

/**
 * Does what was recorded, byte for byte. A prompt that was not recorded is no failure of an
 * implementer but a wrong file: iterating throws AUTOSD-REPLAY-UNKNOWN-PROMPT.
 */
export function createReplayImplementer(session: Session): Implementer {
  return {
    kind: "replay",
    implement: (task, signal) => replayImplementation(session, task, signal),
  };
}

async function* replayImplementation(
  session: Session,
  task: ImplementationTask,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  const { events, changes } = answerFrom(session, "implement", implementationFacts(task));
  for (const event of events) {
    signal.throwIfAborted();
    if (event.kind === "progress") {
      yield event;
      continue;
    }
    // The last event says that the files are there.
    for (const change of changes) {
      signal.throwIfAborted();
      if (change.kind === "remove") await task.workspace.remove(change.path);
      else {
        const { executable } = change;
        const options = executable === undefined ? {} : { executable };
        await task.workspace.write(change.path, bytesOf(change.content), options);
      }
    }
    yield event;
  }
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
