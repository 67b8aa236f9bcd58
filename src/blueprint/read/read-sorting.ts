import { type Builder, type Context, type ModifierReader, fieldPhraseAt } from "./modifiers.ts";
import { phrases } from "./phrase-table.ts";
import { createdPhrases, directions, updatedPhrases } from "./phrases/operation-phrases.ts";
import { defaultAfter } from "./phrases/rule-phrases.ts";
import { type Tokens, textOf, wordAt } from "./tokens.ts";

/** Marks a sort key that is only implied by a direction: `~newest first`. */
export const impliedKey = "~";

const sortLead = phrases(
  "sorted by | ordered by | sorted | ordered | in order of | arranged by | sort by | by | with the | in the order of | sorted alphabetically by | sorted in",
);

/** Sort keys of `sort by title or rating`, `sorted by due date`, and directions alone. */
export const readSorting: ModifierReader = (tokens, at, into, context) => {
  const sorts = context.verbs.includes("sort");
  const alone = directionAt(tokens, at);
  if (alone !== undefined) {
    const length = alone.length + byDefault(tokens, at + alone.length);
    addDirection(into, alone, length > alone.length, sorts);
    return length;
  }
  const lead = sortLead.at(tokens, at);
  const word = tokens[at]?.word;
  if (lead === undefined || (!sorts && (word === "by" || word === "with")))
    return sorts ? continuedKey(tokens, at, into, context) : 0;
  const taken = readKeys(tokens, at + lead.length, into, context);
  return taken === 0 ? 0 : lead.length + taken;
};

interface DirectionAt {
  readonly value: "ascending" | "descending";
  readonly length: number;
  /** `cheapest first`: tells the key when no other is given. */
  readonly words: string;
}

function directionAt(tokens: Tokens, at: number): DirectionAt | undefined {
  const skip =
    /^(the|with|in|and|be|come|show|shows)$/.test(wordAt(tokens, at)) &&
    directions.at(tokens, at) === undefined
      ? 1
      : 0;
  const match = directions.at(tokens, at + skip);
  return match === undefined
    ? undefined
    : {
        value: match.value,
        length: match.length + skip,
        words: textOf(tokens, at + skip, at + skip + match.length).toLowerCase(),
      };
}

function byDefault(tokens: Tokens, at: number): number {
  const comma = wordAt(tokens, at) === "," ? 1 : 0;
  const match = defaultAfter.at(tokens, at + comma);
  return match === undefined ? 0 : comma + match.length;
}

/** After `rating,` in a longer list, or a direction for the key before. */
function addDirection(
  into: Builder,
  direction: DirectionAt,
  isDefault: boolean,
  sorting: boolean,
): void {
  const last = into.sorts.at(-1);
  if (
    last !== undefined &&
    last.direction === undefined &&
    !isDefault &&
    sorting &&
    into.sorts.length === 1
  )
    into.sorts[into.sorts.length - 1] = { ...last, direction: direction.value };
  else
    into.sorts.push({
      words: `${impliedKey}${direction.words}`,
      direction: direction.value,
      isDefault: isDefault || !sorting,
    });
}

function continuedKey(tokens: Tokens, at: number, into: Builder, context: Context): number {
  if (into.sorts.length === 0 && !/^(on|after)$/.test(wordAt(tokens, at))) return 0;
  const lead = /^(by|on|after)$/.test(wordAt(tokens, at)) ? 1 : 0;
  const key = keyAt(tokens, at + lead, context);
  if (key === undefined) return 0;
  into.sorts.push({
    words: key.words,
    direction: undefined,
    isDefault: byDefault(tokens, at + lead + key.length) > 0,
  });
  return lead + key.length + byDefault(tokens, at + lead + key.length);
}

function readKeys(tokens: Tokens, from: number, into: Builder, context: Context): number {
  let at = from;
  for (;;) {
    const key = keyAt(tokens, at, context);
    if (key === undefined) break;
    const end = at + key.length;
    const comma = wordAt(tokens, end) === "," || wordAt(tokens, end) === "(" ? 1 : 0;
    const direction = directionAt(tokens, end + comma);
    const after = end + (direction === undefined ? 0 : comma + direction.length);
    const standard = byDefault(tokens, after);
    // A list that is sorted says its order; a wish to sort offers one.
    const first = !context.verbs.includes("sort") && !into.sorts.some((one) => one.isDefault);
    into.sorts.push({
      words: key.words,
      direction: direction?.value,
      isDefault: standard > 0 || first,
    });
    at = after + standard;
    if (!/^(,|and|or|then|\)|by)$/.test(wordAt(tokens, at))) break;
    let next = at;
    while (/^(,|and|or|then|by|\))$/.test(wordAt(tokens, next))) next += 1;
    if (keyAt(tokens, next, context) === undefined) break;
    at = next;
  }
  return at - from;
}

function keyAt(
  tokens: Tokens,
  at: number,
  context: Context,
): { words: string; length: number } | undefined {
  const created = createdPhrases.at(tokens, at);
  if (created !== undefined) return { words: "createdAt", length: created.length };
  const updated = updatedPhrases.at(tokens, at);
  if (updated !== undefined) return { words: "updatedAt", length: updated.length };
  return fieldPhraseAt(tokens, at, context);
}
