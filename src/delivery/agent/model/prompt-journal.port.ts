import type { Denial } from "../../backlog/denial.ts";
import type { ModelAnswer } from "./model.port.ts";

/** Where in the run a call or a command belongs: what a resumed attempt looks for. */
export interface JournalPlace {
  readonly run: string;
  /** Story id, or `plan` for planning. */
  readonly story: string;
  readonly attempt: number;
  /** 0-based turn of the conversation. */
  readonly turn: number;
}

/**
 * One line of `<project>/.autosd/prompt_journal.jsonl`, redacted before it is written. `intent` goes
 * before the paid call and carries the reservation; `answer` is the paid answer itself, whole, so
 * that it is never paid for twice; tools leave a start and an end, so that a crash between the two
 * is seen.
 */
export type JournalRecord = JournalPlace & { readonly ts: string } & (
    | {
        readonly kind: "intent";
        /** Id of the prompt template: `implement@1`, or `implement@2+home.1a2b3c4d5e6f`. */
        readonly template: string;
        readonly provider: string;
        readonly model: string;
        /** Digest of the request's canonical JSON. */
        readonly prompt: string;
        readonly promptBytes: number;
        /** Millionths of a US dollar; null when the price is not known. */
        readonly reservedMicrousd: number | null;
        readonly reservedTokens: number;
      }
    | {
        readonly kind: "answer";
        readonly prompt: string;
        readonly answer: ModelAnswer;
        /** Null: the price of the model is not known. */
        readonly costMicrousd: number | null;
        /** All that the question took, answers that broke off included; absent: the answer's usage. */
        readonly spentTokens?: number | undefined;
      }
    | {
        readonly kind: "call-failed";
        readonly prompt: string;
        readonly code: string;
        /** What answers that came to nothing may have cost; absent: not known, see `spentByJournal`. */
        readonly spentTokens?: number | undefined;
        /** Of the same; null: the price of the model is not known. */
        readonly costMicrousd?: number | null | undefined;
        /** What the model takes, as the provider said when it found the request too long. */
        readonly contextTokens?: number | undefined;
      }
    | {
        readonly kind: "tool-start";
        readonly call: string;
        readonly tool: string;
        readonly arguments: unknown;
        /** Digest over the workspace's files before it. */
        readonly before: string;
        /** Whether running it again changes nothing. */
        readonly repeatable: boolean;
      }
    | {
        readonly kind: "tool-end";
        readonly call: string;
        readonly text: string;
        readonly isError: boolean;
        readonly after: string;
        readonly durationMs: number;
        /** What of it was denied; absent: nothing. */
        readonly denial?: Denial | undefined;
      }
    /** The attempt begins ahead of its turn, on a tree that may not be the current one at its turn. */
    | { readonly kind: "prefetch-start"; readonly baseTree: string }
    /** What became of it at its turn. After `stale` and `discarded` the attempt begins anew. */
    | {
        readonly kind: "prefetch";
        readonly decision: "used" | "stale" | "discarded" | "stale-accepted";
        /** What decided: the rule and the path or query that changed. */
        readonly because: string;
      }
    | { readonly kind: "end"; readonly outcome: string; readonly reason: string }
  );

/** Append-only, each record synced before the call returns. Several workers append at once. */
export interface PromptJournal {
  append(record: JournalRecord): Promise<void>;
  /** Records of one attempt, in the order they were written; a torn last line is left out. */
  of(place: Pick<JournalPlace, "run" | "story" | "attempt">): Promise<readonly JournalRecord[]>;
  /**
   * Records in the order they were written, a torn last line left out. A line that is no record is
   * AUTOSD-STATE-CORRUPT, unless `onDamaged` takes its number: then it is passed over.
   */
  all(wanted?: JournalFilter): AsyncIterable<JournalRecord>;
}

/** Which records; what is absent is not asked about. */
export interface JournalFilter {
  readonly run?: string;
  readonly story?: string;
  readonly onDamaged?: (line: number) => void;
}
