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
import { exchangeOf, type SessionSink } from "../../delivery/agent/session-recording.ts";
import { observeWorkspace } from "./recording-workspace.ts";

/**
 * The same implementer; what it is asked and what it does goes to the sink. An exchange is recorded
 * before its last event is passed on, so that nothing is built on that a replay would not know. An
 * attempt that was cut, or that ended without a last event, is not recorded.
 */
export function recordingImplementer(inner: Implementer, sink: SessionSink): Implementer {
  const recording: Implementer = {
    kind: inner.kind,
    implement: (task, signal) => recordImplementation(inner, sink, task, signal),
  };
  const adapt = inner.adapt?.bind(inner);
  // Not recorded: a session is replayed into an empty folder, where nothing is to be brought in line.
  return adapt === undefined ? recording : { ...recording, adapt };
}

async function* recordImplementation(
  inner: Implementer,
  sink: SessionSink,
  task: ImplementationTask,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  const observed = await observeWorkspace(task.workspace);
  const events: AgentEvent[] = [];
  for await (const event of inner.implement({ ...task, workspace: observed.workspace }, signal)) {
    events.push(event);
    if (event.kind !== "progress" && !signal.aborted) {
      const changes = await observed.changes();
      await sink.record(exchangeOf("implement", implementationFacts(task), { events, changes }));
    }
    yield event;
  }
}

/** The same planner; what it is asked and what it answers goes to the sink. Its errors do not. */
export function recordingPlanner(inner: Planner, sink: SessionSink): Planner {
  return {
    kind: inner.kind,
    async refine(document, signal) {
      const answer = await inner.refine(document, signal);
      await sink.record(exchangeOf("refine", refinementFacts(document), answer));
      return answer;
    },
    async choosePlatform(document, refined, preferred) {
      const answer = await inner.choosePlatform(document, refined, preferred);
      const facts = platformFacts(document, refined, preferred);
      await sink.record(exchangeOf("choose-platform", facts, answer));
      return answer;
    },
    async designDocument(document, refined, plan) {
      const answer = await inner.designDocument(document, refined, plan);
      await sink.record(
        exchangeOf("design-document", designFacts(document, refined, plan), answer),
      );
      return answer;
    },
  };
}
