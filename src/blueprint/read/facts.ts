import type { ContextSentence } from "../model/product-model.ts";
import type { Rule } from "./drafts.ts";
import type { Verb } from "./phrases/operation-phrases.ts";

/** Words that name fields, values or states; they are bound to the model when all of it is known. */
export interface Criterion {
  readonly words: string;
  /** `range`: from and to. `between`: the words say that a range is meant. */
  readonly range: boolean;
}

/** A sort key in words; `isDefault` when a list has this order unasked. */
export interface SortKey {
  readonly words: string;
  readonly direction: "ascending" | "descending" | undefined;
  readonly isDefault: boolean;
}

/** An operation asked for on one entity. */
export interface OperationFact {
  readonly kind: "operation";
  readonly verb: Verb;
  readonly entity: string;
  readonly plural: boolean;
  readonly actor: string | undefined;
  readonly benefit: string | undefined;
  /** Fields named by it: searched, filtered by, counted by. */
  readonly by: readonly Criterion[];
  readonly sorts: readonly SortKey[];
  /** Adjectives before the object, `unread`: a filter. */
  readonly adjectives: readonly string[];
  readonly formats: readonly ("json" | "csv")[];
  readonly duplicates: "skip" | "update" | "reject" | undefined;
  readonly pageSize: number | undefined;
  readonly maxPageSize: number | undefined;
  readonly priority: "must" | "should" | "could";
  readonly sentence: string;
}

/** `archive`, `mark as read`: sets `state`, or takes it back. */
export interface ActionFact {
  readonly kind: "action";
  readonly entity: string;
  readonly verb: string;
  readonly state: string;
  readonly undo: boolean;
  readonly actor: string | undefined;
  readonly benefit: string | undefined;
  readonly priority: "must" | "should" | "could";
  readonly sentence: string;
}

/** One thing that a clause says. */
export type Fact =
  | {
      readonly kind: "field";
      readonly entity: string;
      readonly label: string;
      readonly rules: readonly Rule[];
      readonly stance: "plain" | "must" | "may";
      readonly sentence: string;
    }
  | {
      readonly kind: "unique-together";
      readonly entity: string;
      readonly labels: readonly string[];
      readonly sentence: string;
    }
  /** Each `holder` refers to one or many `target`. */
  | {
      readonly kind: "relation";
      readonly holder: string;
      readonly target: string;
      readonly many: boolean;
      readonly required: boolean | undefined;
      readonly sentence: string;
    }
  /** What becomes of `referrer` (all of them: undefined) when `target` is deleted. */
  | {
      readonly kind: "deletion";
      readonly target: string;
      readonly referrer: string | undefined;
      readonly effect: "restrict" | "cascade" | "clear";
      readonly sentence: string;
    }
  /** What is true of a new one: a value of a choice, or a flag. */
  | {
      readonly kind: "initial-state";
      readonly entity: string;
      readonly state: string;
      readonly sentence: string;
    }
  | OperationFact
  | ActionFact
  | {
      readonly kind: "access";
      readonly publicReads: boolean | undefined;
      readonly sentence: string;
    }
  | {
      readonly kind: "duplicates";
      readonly entity: string | undefined;
      readonly mode: "skip" | "update" | "reject";
      readonly sentence: string;
    }
  | {
      readonly kind: "paging";
      readonly size: number | undefined;
      readonly maximum: number | undefined;
      readonly sentence: string;
    }
  | {
      readonly kind: "context";
      readonly context: ContextSentence["kind"];
      readonly reason: string;
      /** The words that it was read out of; absent: the whole sentence. */
      readonly words?: string;
      readonly sentence: string;
    }
  /** Part of a sentence, or all of it, that nothing was made of. */
  | { readonly kind: "unread"; readonly reason: string; readonly sentence: string };

/** The reason for words that no reader took. */
export function unread(sentence: string, words: readonly string[]): readonly Fact[] {
  const shown = words.map((one) => one.trim()).filter((one) => one !== "");
  if (shown.length === 0) return [];
  return [
    {
      kind: "unread",
      sentence,
      reason: `not understood: ${shown.map((one) => `“${one}”`).join(", ")}`,
    },
  ];
}
