import type { FlagRule } from "./phrases/rule-phrases.ts";
import type { TypeWord } from "./phrases/type-phrases.ts";

/** One thing said about a field. */
export type Rule =
  | { readonly kind: "flag"; readonly flag: FlagRule }
  | {
      readonly kind: "bound";
      readonly of: "characters" | "items" | "value";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly exclusive?: boolean;
    }
  | { readonly kind: "type"; readonly type: TypeWord }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "default"; readonly value: string | { readonly now: true } }
  | { readonly kind: "reference"; readonly entity: string; readonly many: boolean };

/** A rule together with the sentence that says it. */
export interface SaidRule {
  readonly rule: Rule;
  readonly sentence: string;
}

/** A field as one piece of text describes it. */
export interface FieldSpec {
  readonly label: string;
  readonly rules: readonly Rule[];
  /** Pieces of the text that nothing was made of. */
  readonly rest: readonly string[];
}
