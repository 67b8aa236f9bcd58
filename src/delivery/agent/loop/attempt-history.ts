import { canonicalJson } from "../../../kernel/canonical-json.ts";
import type { ModelAnswer, ToolCall } from "../model/model.port.ts";
import type { JournalRecord } from "../model/prompt-journal.port.ts";

/** How a call ended, on record. */
export type ToolEnd = Extract<JournalRecord, { readonly kind: "tool-end" }>;

/** A request that a provider found too long; `stated`: what it says that the model takes. */
export interface TooLong {
  readonly stated: number | undefined;
}

/** What the journal already holds of an attempt: paid answers and finished calls. */
export class AttemptHistory {
  readonly #answers = new Map<string, ModelAnswer>();
  readonly #ends = new Map<string, ToolEnd>();
  readonly #tooLong = new Map<string, TooLong>();

  #end = "";

  constructor(records: readonly JournalRecord[]) {
    const begun = new Map<string, string>();
    for (const record of sinceDiscarded(records)) {
      if (record.kind === "answer")
        this.#answers.set(`${record.turn} ${record.prompt}`, record.answer);
      if (record.kind === "call-failed" && record.code === "AUTOSD-MODEL-CONTEXT")
        this.#tooLong.set(`${record.turn} ${record.prompt}`, { stated: record.contextTokens });
      if (record.kind === "tool-start")
        begun.set(
          `${record.turn} ${record.call}`,
          keyOf(
            record.turn,
            { id: record.call, name: record.tool, arguments: record.arguments },
            record.before,
          ),
        );
      if (record.kind === "end") this.#end = endKey(record.turn, record.outcome, record.reason);
      if (record.kind === "tool-end") {
        const key = begun.get(`${record.turn} ${record.call}`);
        if (key !== undefined) this.#ends.set(key, record);
      }
    }
  }

  /** The paid answer to exactly this request. */
  answerTo(turn: number, prompt: string): ModelAnswer | undefined {
    return this.#answers.get(`${turn} ${prompt}`);
  }

  /** Whether the provider found exactly this request too long. */
  tooLong(turn: number, prompt: string): TooLong | undefined {
    return this.#tooLong.get(`${turn} ${prompt}`);
  }

  /** Whether it is on record already that the attempt ended like this. */
  hasEnded(turn: number, outcome: string, reason: string): boolean {
    return this.#end === endKey(turn, outcome, reason);
  }

  /** How this call ended, when it was made in this state of the workspace and came to its end. */
  endOf(turn: number, call: ToolCall, before: string): ToolEnd | undefined {
    return this.#ends.get(keyOf(turn, call, before));
  }
}

/** What was fetched ahead of its turn and thrown away is no part of the attempt that is made instead. */
function sinceDiscarded(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const last = records.findLastIndex(
    (one) => one.kind === "prefetch" && (one.decision === "stale" || one.decision === "discarded"),
  );
  return records.slice(last + 1);
}

function keyOf(turn: number, call: ToolCall, before: string): string {
  return canonicalJson([turn, call.id, call.name, call.arguments ?? null, before]);
}

function endKey(turn: number, outcome: string, reason: string): string {
  return canonicalJson([turn, outcome, reason]);
}
