import type { Criterion, SortKey } from "./facts.ts";
import type { Verb } from "./phrases/operation-phrases.ts";
import type { Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";

/** What stands after the verb and its object. */
export interface Modifiers {
  readonly by: readonly Criterion[];
  readonly sorts: readonly SortKey[];
  readonly formats: readonly ("json" | "csv")[];
  readonly duplicates: "skip" | "update" | "reject" | undefined;
  readonly pageSize: number | undefined;
  readonly maxPageSize: number | undefined;
  /** `as read`, `as done`. */
  readonly states: readonly string[];
  /** `with a title and an address` after a verb of creation. */
  readonly fieldList: Tokens | undefined;
  readonly rest: readonly string[];
}

/** What the modifiers belong to. */
export interface Context {
  readonly verbs: readonly (Verb | "mark")[];
  readonly entity: string;
  readonly scene: Scene;
}

/** Modifiers while they are collected. */
export type Builder = { -readonly [Key in keyof Modifiers]: Modifiers[Key] } & {
  by: Criterion[];
  sorts: SortKey[];
  formats: ("json" | "csv")[];
  states: string[];
  rest: string[];
};

/** One way of reading a modifier at a token; the number of tokens it took, 0 for none. */
export type ModifierReader = (
  tokens: Tokens,
  at: number,
  into: Builder,
  context: Context,
) => number;

/** Words and marks between modifiers that say nothing by themselves. */
export function isJoint(tokens: Tokens, at: number): boolean {
  return /^(,|and|or|the|a|an|;|:|\(|\)|-|also|but|then|any|all|each|\/)$/.test(wordAt(tokens, at));
}

/** A field of the entity with the articles before it. */
export function fieldPhraseAt(
  tokens: Tokens,
  at: number,
  context: Context,
): { words: string; length: number } | undefined {
  let from = at;
  while (
    /^(the|a|an|its|their|given|certain|any|same|each|own|by|on|one|every|particular|several|specific|some|of)$/.test(
      wordAt(tokens, from),
    )
  )
    from += 1;
  const field = context.scene.fieldAt(tokens, from, context.entity);
  if (field?.entity !== context.entity) return undefined;
  return { words: field.label, length: from - at + field.length };
}
