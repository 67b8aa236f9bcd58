import { canonicalJson } from "../../../kernel/canonical-json.ts";
import { sha256 } from "../../../kernel/hash.ts";
import { toolUseOf } from "../loop/tools.ts";
import type { ToolCall } from "../model/model.port.ts";
import type { JournalRecord } from "../model/prompt-journal.port.ts";
import type { FailureClass } from "./failure-class.ts";

/** What something took. */
export interface Spending {
  readonly tokens: number;
  readonly microusd: number;
}

/** A failure in one answer. */
export interface TurnFailure {
  readonly kind: FailureClass;
  readonly turn: number;
  /** Template that the answer was asked for with. */
  readonly template: string;
  readonly spent: Spending;
}

type RecordOf<K extends JournalRecord["kind"]> = Extract<JournalRecord, { readonly kind: K }>;

interface Turn {
  readonly turn: number;
  readonly template: string;
  readonly spent: Spending;
  readonly isCut: boolean;
  readonly calls: readonly ToolCall[];
  readonly started: Set<string>;
}

/** What autosd itself says of a call that came to nothing (`use-tool.ts`); tests hold both together. */
const refusals: readonly (readonly [start: string, kind: FailureClass])[] = [
  ["Not changed: the old text fits several places", "edit-ambiguous"],
  ["Not changed: the old text is not in", "edit-absent"],
  ["Not changed: the new text is what is there", "edit-empty"],
  ["Not changed: the old text is empty", "edit-empty"],
  ["There is no file ", "file-absent"],
  ["There is no text file ", "file-absent"],
];
const timeoutEnd = "[stopped: it took too long]";
const maxReads = 500;

/**
 * Follows one conversation through the journal and says what went wrong in it. Holds little of it:
 * what the last answer called, and which texts were read.
 */
export class AttemptReading {
  /** Of the last question; empty before the first. */
  template = "";
  spent: Spending = { tokens: 0, microusd: 0 };
  lastTurn = 0;
  #turn: Turn | undefined;
  readonly #reads = new Set<string>();
  readonly #tools = new Map<string, { readonly tool: string; readonly key: string }>();

  take(record: JournalRecord): readonly TurnFailure[] {
    this.lastTurn = record.turn;
    switch (record.kind) {
      case "intent": {
        const failures = this.#settle(record.turn);
        this.template = record.template;
        return failures;
      }
      case "answer":
        return this.#takeAnswer(record);
      case "tool-start":
        this.#turn?.started.add(record.call);
        if (this.#tools.size < maxReads)
          this.#tools.set(record.call, { tool: record.tool, key: keyOf(record.arguments) });
        return [];
      case "tool-end":
        return this.#takeEnd(record);
      case "end":
        return this.#takePlanEnd(record);
      case "call-failed":
      case "prefetch-start":
      case "prefetch":
        return [];
    }
  }

  #takeAnswer(record: RecordOf<"answer">): readonly TurnFailure[] {
    const { answer } = record;
    const spent = spentOn(record);
    this.spent = sum(this.spent, spent);
    const isCut = answer.finish === "length";
    this.#turn = {
      ...{ turn: record.turn, template: this.template, spent, isCut },
      calls: answer.toolCalls,
      started: new Set(),
    };
    if (isCut) return this.#failures(["answer-cut"]);
    const isIdle = answer.toolCalls.length === 0 && record.story !== "plan";
    return isIdle ? this.#failures(["idle-answer"]) : [];
  }

  #takeEnd(record: RecordOf<"tool-end">): readonly TurnFailure[] {
    const call = this.#tools.get(record.call);
    if (call === undefined) return [];
    this.#tools.delete(record.call);
    if (call.tool === "read" && !record.isError) {
      const seen = sha256(`${call.key}\0${record.text}`);
      if (this.#reads.has(seen)) return this.#failures(["read-again"]);
      if (this.#reads.size < maxReads) this.#reads.add(seen);
      return [];
    }
    if (!record.isError) return [];
    if (call.tool === "run")
      return record.text.endsWith(timeoutEnd) ? this.#failures(["command-timeout"]) : [];
    const refusal = refusals.find(([start]) => record.text.startsWith(start));
    return refusal === undefined ? [] : this.#failures([refusal[1]]);
  }

  /** Each question of planning says how its answer was judged. */
  #takePlanEnd(record: RecordOf<"end">): readonly TurnFailure[] {
    if (record.story !== "plan" || record.outcome !== "refused") return [];
    if (this.#turn?.isCut === true) return [];
    const isJson = !record.reason.startsWith("the answer is no JSON object");
    return this.#failures([isJson ? "answer-refused" : "answer-not-json"]);
  }

  /** Another question was asked: calls that were neither made nor the last word were refused. */
  #settle(nextTurn: number): readonly TurnFailure[] {
    const turn = this.#turn;
    if (turn === undefined || turn.turn === nextTurn || turn.isCut) return [];
    return this.#failures(
      turn.calls.flatMap((call) => {
        if (turn.started.has(call.id)) return [];
        const use = toolUseOf(call.name, call.arguments);
        if (!("problem" in use)) return use.tool === "done" ? ["done-refused" as const] : [];
        const isUnknown = use.problem.startsWith("There is no tool ");
        return [isUnknown ? ("unknown-tool" as const) : ("arguments-refused" as const)];
      }),
    );
  }

  #failures(kinds: readonly FailureClass[]): readonly TurnFailure[] {
    const turn = this.#turn;
    if (turn === undefined) return [];
    const { template, spent } = turn;
    return kinds.map((kind) => ({ kind, turn: turn.turn, template, spent }));
  }
}

/** What an answer took, as far as it is known. */
export function spentOn(record: RecordOf<"answer">): Spending {
  const { inputTokens = 0, outputTokens = 0 } = record.answer.usage;
  const tokens = record.spentTokens ?? inputTokens + outputTokens;
  return { tokens, microusd: record.costMicrousd ?? 0 };
}

/** Both together. */
export function sum(one: Spending, other: Spending): Spending {
  return { tokens: one.tokens + other.tokens, microusd: one.microusd + other.microusd };
}

/** Arguments as a journal holds them may be anything that JSON can say, in any depth. */
function keyOf(given: unknown): string {
  try {
    return sha256(canonicalJson(given ?? null));
  } catch {
    return "";
  }
}
