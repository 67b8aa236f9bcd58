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
  exchangeOf,
  type AnswerTo,
  type Exchange,
  type SessionSink,
} from "../../delivery/agent/session-recording.ts";
import { withoutSecrets } from "../../delivery/agent/session-withheld.ts";
import { observeWorkspace } from "./recording-workspace.ts";

/**
 * The same implementer; what it is asked and what it does goes to the sink. An exchange is recorded
 * before its last event is passed on, so that nothing is built on that a replay would not know. An
 * attempt that was cut, or that ended without a last event, is not recorded; of one that left a
 * secret in a file it is recorded that there were files.
 */
export function recordingImplementer(inner: Implementer, sink: SessionSink): Implementer {
  const recording: Implementer = {
    kind: inner.kind,
    implement: (task, signal) =>
      recorded(task, signal, {
        sink,
        begin: (observed) => inner.implement(observed, signal),
        exchange: (answer) => exchangeOf("implement", implementationFacts(task), answer),
      }),
  };
  const adapt = inner.adapt?.bind(inner);
  if (adapt === undefined) return recording;
  return {
    ...recording,
    adapt: (task, signal) =>
      recorded(task, signal, {
        sink,
        begin: (observed) => adapt(observed, signal),
        exchange: (answer) => exchangeOf("adapt", adaptationFacts(task), answer),
      }),
  };
}

interface Recording<Task> {
  readonly sink: SessionSink;
  readonly begin: (observed: Task) => AsyncIterable<AgentEvent>;
  readonly exchange: (answer: AnswerTo<"implement">) => Exchange;
}

async function* recorded<Task extends AdaptationTask>(
  task: Task,
  signal: AbortSignal,
  { sink, begin, exchange }: Recording<Task>,
): AsyncIterable<AgentEvent> {
  const observed = await observeWorkspace(task.workspace);
  const events: AgentEvent[] = [];
  for await (const event of begin({ ...task, workspace: observed.workspace })) {
    events.push(event);
    if (event.kind !== "progress" && !signal.aborted) {
      const changes = await observed.changes();
      await sink.record(exchange(withoutSecrets({ events, changes })));
    }
    yield event;
  }
}

/** The same planner; what it is asked and what it answers goes to the sink. Its errors do not. */
export function recordingPlanner(inner: Planner, sink: SessionSink): Planner {
  return {
    kind: inner.kind,
    async refine(document, signal, run) {
      const answer = await inner.refine(document, signal, run);
      await sink.record(exchangeOf("refine", refinementFacts(document), answer));
      return answer;
    },
    async choosePlatform(document, refined, preferred, run) {
      const answer = await inner.choosePlatform(document, refined, preferred, run);
      const facts = platformFacts(document, refined, preferred);
      await sink.record(exchangeOf("choose-platform", facts, answer));
      return answer;
    },
    async designDocument(document, refined, plan, run) {
      const answer = await inner.designDocument(document, refined, plan, run);
      await sink.record(
        exchangeOf("design-document", designFacts(document, refined, plan), answer),
      );
      return answer;
    },
  };
}
