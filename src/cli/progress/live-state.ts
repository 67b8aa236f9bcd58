import type { RunEvent } from "../../engine/autosd.ts";

type Verdict = Extract<RunEvent, { kind: "gate-finished" }>["evidence"]["verdict"];

export interface LiveGate {
  readonly name: string;
  readonly startedMs: number;
  /** Undefined while it runs. */
  readonly ended: { readonly verdict: Verdict; readonly durationMs: number } | undefined;
}

/** What the live lines show now. */
export interface LiveState {
  readonly story:
    | {
        readonly id: string;
        readonly title: string;
        readonly position: number;
        readonly total: number;
        readonly attempt: number;
        readonly startedMs: number;
      }
    | undefined;
  /** In the order in which they began. */
  readonly gates: readonly LiveGate[];
  readonly activity: string;
}

export const idle: LiveState = { story: undefined, gates: [], activity: "" };

/** The state after an event; `nowMs` is monotonic. */
export function after(state: LiveState, event: RunEvent, nowMs: number): LiveState {
  switch (event.kind) {
    case "phase":
      return { ...state, activity: joined(event.phase, event.detail) };
    case "story-started":
      return {
        story: {
          id: event.storyId,
          title: event.title,
          position: event.position,
          total: event.total,
          attempt: event.attempt,
          startedMs: nowMs,
        },
        gates: [],
        activity: "",
      };
    case "activity":
      return { ...state, activity: event.message };
    case "gate-started":
      return {
        ...state,
        gates: [
          ...state.gates.filter((gate) => gate.name !== event.gate),
          { name: event.gate, startedMs: nowMs, ended: undefined },
        ],
      };
    case "gate-finished":
      return { ...state, gates: withEnded(state.gates, event.evidence, nowMs) };
    case "story-ended":
      return { ...idle, activity: "" };
    case "notice":
      return state;
  }
}

/** A gate that was never seen to start is added: events may be lost. */
function withEnded(
  gates: readonly LiveGate[],
  evidence: { readonly gate: string; readonly verdict: Verdict; readonly durationMs: number },
  nowMs: number,
): readonly LiveGate[] {
  const ended = { verdict: evidence.verdict, durationMs: evidence.durationMs };
  const known = gates.some((gate) => gate.name === evidence.gate);
  if (!known) return [...gates, { name: evidence.gate, startedMs: nowMs, ended }];
  return gates.map((gate) => (gate.name === evidence.gate ? { ...gate, ended } : gate));
}

function joined(phase: string, detail: string): string {
  return detail === "" ? phase : `${phase}: ${detail}`;
}
