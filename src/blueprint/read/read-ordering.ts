import type { Fact } from "./facts.ts";
import { directions } from "./phrases/operation-phrases.ts";
import { defaultAfter } from "./phrases/rule-phrases.ts";
import { impliedKey } from "./read-sorting.ts";
import { readModifiers } from "./read-modifiers.ts";
import type { ClauseReader } from "./scene.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";

const fillers = new Set(
  "the a an list lists are is be comes come shown show shows listed sorted ordered should must always , by with in it they on of all entries results result appear appears them default unless".split(
    " ",
  ),
);

/** `The newest come first by default`, `Lists show the soonest first`, `Books are sorted by title`. */
export const readOrdering: ClauseReader = (clause, scene): readonly Fact[] | undefined => {
  const { tokens } = clause;
  const entity = scene.vocabulary.firstIn(tokens) ?? clause.topic;
  if (entity === undefined) return undefined;
  const at = tokens.findIndex((_, index) => directions.at(tokens, index) !== undefined);
  const direction = at < 0 ? undefined : directions.at(tokens, at);
  const keyed = sortedBy(tokens);
  if (direction === undefined && keyed < 0) return undefined;
  if (keyed >= 0) {
    const before = tokens.slice(0, keyed - 1);
    if (hasOtherWords(before, before.length, 0, scene)) return undefined;
    const read = readModifiers(tokens, keyed, { verbs: ["sort"], entity, scene });
    if (read.sorts.length === 0 || read.rest.length > 0) return undefined;
    return [
      sortFact(
        clause,
        entity,
        read.sorts.map((sort, index) => ({ ...sort, isDefault: sort.isDefault || index === 0 })),
      ),
    ];
  }
  if (direction === undefined || hasOtherWords(tokens, at, direction.length, scene))
    return undefined;
  const words = `${impliedKey}${textOf(tokens, at, at + direction.length).toLowerCase()}`;
  return [sortFact(clause, entity, [{ words, direction: direction.value, isDefault: true }])];
};

function sortedBy(tokens: Tokens): number {
  const at = tokens.findIndex(
    (token, index) => /^(sorted|ordered)$/.test(token.word) && wordAt(tokens, index + 1) === "by",
  );
  const possible = tokens
    .slice(0, Math.max(0, at))
    .some((token) => /^(can|may|could)$/.test(token.word));
  return at < 0 || possible ? -1 : at + 1;
}

function hasOtherWords(
  tokens: Tokens,
  at: number,
  length: number,
  scene: Parameters<ClauseReader>[1],
): boolean {
  for (let index = 0; index < tokens.length;) {
    if (index === at) index += length;
    const entity = scene.vocabulary.entityAt(tokens, index);
    const standard = defaultAfter.at(tokens, index);
    if (
      index < tokens.length &&
      entity === undefined &&
      standard === undefined &&
      !fillers.has(wordAt(tokens, index))
    )
      return true;
    index += entity?.length ?? standard?.length ?? 1;
  }
  return false;
}

type SortFact = Extract<Fact, { kind: "operation" }>;

function sortFact(
  clause: Parameters<ClauseReader>[0],
  entity: string,
  sorts: SortFact["sorts"],
): SortFact {
  return {
    kind: "operation",
    verb: "sort",
    entity,
    plural: true,
    actor: clause.actor,
    benefit: clause.benefit,
    by: [],
    sorts,
    adjectives: [],
    formats: [],
    duplicates: undefined,
    pageSize: undefined,
    maxPageSize: undefined,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}
