import type { Criterion, SortKey } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import {
  createdPhrases,
  directions,
  duplicatePhrases,
  formats,
  harmless,
  updatedPhrases,
  type Verb,
} from "./phrases/operation-phrases.ts";
import { defaultAfter } from "./phrases/rule-phrases.ts";
import type { Scene } from "./scene.ts";
import { textOf, type Tokens } from "./tokens.ts";

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

interface Context {
  readonly verbs: readonly (Verb | "mark")[];
  readonly entity: string;
  readonly scene: Scene;
}

type Builder = { -readonly [Key in keyof Modifiers]: Modifiers[Key] } & {
  by: Criterion[];
  sorts: SortKey[];
  formats: ("json" | "csv")[];
  states: string[];
  rest: string[];
};

/** One way of reading a modifier at a token; the number of tokens it took, 0 for none. */
type ModifierReader = (tokens: Tokens, at: number, into: Builder, context: Context) => number;

/** Reads from `from` to the end; what no reader takes ends up in `rest`. */
export function readModifiers(tokens: Tokens, from: number, context: Context): Modifiers {
  const into: Builder = {
    by: [],
    sorts: [],
    formats: [],
    duplicates: undefined,
    pageSize: undefined,
    maxPageSize: undefined,
    states: [],
    fieldList: undefined,
    rest: [],
  };
  let unreadFrom = -1;
  for (let at = from; at < tokens.length;) {
    const taken = readers.reduce(
      (length, read) => (length > 0 ? length : read(tokens, at, into, context)),
      0,
    );
    if (taken > 0 || isJoint(tokens, at)) {
      if (unreadFrom >= 0 && taken > 0) into.rest.push(textOf(tokens, unreadFrom, at));
      if (taken > 0) unreadFrom = -1;
      at += Math.max(1, taken);
    } else {
      if (unreadFrom < 0) unreadFrom = at;
      at += 1;
    }
  }
  if (unreadFrom >= 0) into.rest.push(textOf(tokens, unreadFrom));
  return into;
}

function isJoint(tokens: Tokens, at: number): boolean {
  return /^(,|and|or|the|a|an|;|:|\(|\)|-|also|but|then|any|all|each|\/)$/.test(
    tokens[at]?.word ?? "",
  );
}

function readHarmless(tokens: Tokens, at: number): number {
  return harmless.at(tokens, at)?.length ?? defaultAfter.at(tokens, at)?.length ?? 0;
}

const perPage = phrases(
  "per page | to a page | a page | at a time | on a page | on each page | each time | items per page | at once | entries per page | in one page | a time | results per page | per request",
);
const pageStart = phrases(
  "in pages of | pages of | page size | with a page size of | a page size of | page size of | with pages of | in pages of at most",
);
const pageLimit = phrases(
  "never more than | no more than | at most | not more than | maximum | up to | maximum of | a maximum of | and at most",
);

/** `20 to a page unless told otherwise and never more than 100`. */
const readPaging: ModifierReader = (tokens, at, into) => {
  const start = pageStart.at(tokens, at);
  const limit = start === undefined ? pageLimit.at(tokens, at) : undefined;
  const skip = start?.length ?? limit?.length ?? 0;
  const number = tokens[at + skip]?.value;
  if (number === undefined) return 0;
  const per = perPage.at(tokens, at + skip + 1);
  if (
    start === undefined &&
    per === undefined &&
    (limit === undefined || into.pageSize === undefined)
  )
    return 0;
  if (limit === undefined) into.pageSize = number;
  else into.maxPageSize = number;
  return skip + 1 + (per?.length ?? 0);
};

const formatLead = phrases(
  "as | to | in | into | from | out of | as a | in a | to a | from a | in the format | in the formats | in either | as either | using | via",
);

/** `as JSON or CSV`. */
const readFormats: ModifierReader = (tokens, at, into) => {
  const lead = formatLead.at(tokens, at)?.length ?? 0;
  const first = formats.at(tokens, at + lead) ?? (lead > 0 ? formats.at(tokens, at) : undefined);
  if (first === undefined) return 0;
  const from = formats.at(tokens, at + lead) === undefined ? 0 : lead;
  let end = at + from;
  for (let format = formats.at(tokens, end); format !== undefined;) {
    if (!into.formats.includes(format.value)) into.formats.push(format.value);
    end += format.length;
    let next = end;
    while (/^(,|and|or|\/|as|to|from|in|a|and\/or|well)$/.test(tokens[next]?.word ?? "")) next += 1;
    format = formats.at(tokens, next);
    if (format !== undefined) end = next;
  }
  if (/^(file|files|format|formats)$/.test(tokens[end]?.word ?? "")) end += 1;
  return end - at;
};

const duplicateNouns = phrases(
  "duplicates | duplicate entries | entries that are already there | existing ones | the ones that are already there | those that are already there | with duplicates | ones that already exist | what is already there | doubles | duplicate rows | rows that are already there",
);

/** `skipping duplicates`, `where duplicates are skipped`. */
const readDuplicates: ModifierReader = (tokens, at, into, context) => {
  if (!context.verbs.includes("import")) return 0;
  const lead = /^(where|whereby|with|while|and)$/.test(tokens[at]?.word ?? "") ? 1 : 0;
  const noun = duplicateNouns.at(tokens, at + lead);
  const nounEnd = at + lead + (noun?.length ?? 0);
  const verbFrom = /^(are|is|being|get)$/.test(tokens[nounEnd]?.word ?? "") ? nounEnd + 1 : nounEnd;
  const verb = duplicatePhrases.at(tokens, noun === undefined ? at + lead : verbFrom);
  if (verb === undefined) return 0;
  const end = (noun === undefined ? at + lead : verbFrom) + verb.length;
  const after = noun === undefined ? duplicateNouns.at(tokens, end) : undefined;
  if (noun === undefined && after === undefined) return 0;
  into.duplicates = verb.value;
  return end + (after?.length ?? 0) - at;
};

/** `as read`, `as unread again`, `to done`. */
const readStates: ModifierReader = (tokens, at, into, context) => {
  if (!context.verbs.includes("mark")) return 0;
  const lead = /^(as|to|back)$/.test(tokens[at]?.word ?? "");
  const listed = into.states.length > 0 && isJoint(tokens, at - 1);
  if (!lead && !listed) return 0;
  let from = lead ? at + 1 : at;
  while (/^(to|as|being|a|an|the)$/.test(tokens[from]?.word ?? "")) from += 1;
  let end = from;
  while (
    end < tokens.length &&
    end - from < 3 &&
    !isJoint(tokens, end) &&
    !/^(again|later|when|if|once|with|so|by|as)$/.test(tokens[end]?.word ?? "")
  )
    end += 1;
  if (end === from) return 0;
  into.states.push(textOf(tokens, from, end).toLowerCase());
  return end - at;
};

/** `with a title and an address`. */
const readFieldListModifier: ModifierReader = (tokens, at, into, context) => {
  if (!context.verbs.includes("create") || context.verbs.length > 1) return 0;
  if (
    !/^(with|by|:|including|from|consisting|giving)$/.test(tokens[at]?.word ?? "") ||
    tokens.length - at < 2
  )
    return 0;
  if (
    /^(by|from)$/.test(tokens[at]?.word ?? "") &&
    !/^(giving|entering|its|their|typing|filling)$/.test(tokens[at + 1]?.word ?? "")
  )
    return 0;
  const from = /^(giving|entering|typing|filling)$/.test(tokens[at + 1]?.word ?? "")
    ? at + 2
    : at + 1;
  into.fieldList = tokens.slice(from);
  return tokens.length - at;
};

/** Marks a sort key that is only implied by a direction: `~newest first`. */
export const impliedKey = "~";

const sortLead = phrases(
  "sorted by | ordered by | sorted | ordered | in order of | arranged by | sort by | by | with the | in the order of | sorted alphabetically by | sorted in",
);

/** Sort keys of `sort by title or rating`, `sorted by due date`, and directions alone. */
const readSorting: ModifierReader = (tokens, at, into, context) => {
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
    /^(the|with|in|and|be|come|show|shows)$/.test(tokens[at]?.word ?? "") &&
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
  const comma = tokens[at]?.word === "," ? 1 : 0;
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
  if (into.sorts.length === 0 && !/^(on|after)$/.test(tokens[at]?.word ?? "")) return 0;
  const lead = /^(by|on|after)$/.test(tokens[at]?.word ?? "") ? 1 : 0;
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
    const comma = tokens[end]?.word === "," || tokens[end]?.word === "(" ? 1 : 0;
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
    if (!/^(,|and|or|then|\)|by)$/.test(tokens[at]?.word ?? "")) break;
    let next = at;
    while (/^(,|and|or|then|by|\))$/.test(tokens[next]?.word ?? "")) next += 1;
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

function fieldPhraseAt(
  tokens: Tokens,
  at: number,
  context: Context,
): { words: string; length: number } | undefined {
  let from = at;
  while (
    /^(the|a|an|its|their|given|certain|any|same|each|own|by|on|one|every|particular|several|specific|some|of)$/.test(
      tokens[from]?.word ?? "",
    )
  )
    from += 1;
  const field = context.scene.fieldAt(tokens, from, context.entity);
  if (field?.entity !== context.entity) return undefined;
  return { words: field.label, length: from - at + field.length };
}

const searchLead = phrases(
  "by words in | for words in | by text in | for text in | by words from | by word in | for a word in | for a word from | by | in | over | across | through | on | for words from | with words from | using words from | within | by a word in | for words that occur in | by any word in | by keywords in | for | by part of | by parts of | by a part of | with words in | by keyword in | by words of | by searching | by what stands in | for any word in | with a word from | text in | words in | for words of | with a word in | covering | looks in | looking in | matching on | on words in | that looks in | for terms in | by terms in",
);
const filterLead = phrases(
  "by | on | for | with | in | of | per | according to | to | from | for each | for every | by their | between | by a | whose | that have | that has | having | down to | down by | to those with | under | within | carrying | by its | along | tagged with | grouped by | that are in | that belong to | belonging to | only by | that carry | written by | assigned to | for one | for a given | with a given | with a certain | in a given | in a certain | that are assigned to | borrowed by | after",
);

/** The fields searched, filtered or counted by. */
const readCriteria: ModifierReader = (tokens, at, into, context) => {
  const search = context.verbs.some((verb) => verb === "search" || verb === "find");
  const lead = (search ? searchLead.at(tokens, at) : undefined) ?? filterLead.at(tokens, at);
  const listed = into.by.length > 0 && at > 0 && isJoint(tokens, at - 1);
  if (lead === undefined && !listed) return 0;
  const from = at + (lead?.length ?? 0);
  return criterionAt(tokens, from, into, context, from - at);
};

const rangeBefore = phrases(
  "a range of | range of | a minimum | a maximum | minimum and maximum | minimum or maximum | minimum | maximum | from and to | between two | two | a date range on | a date range for | a period of | earliest and latest | lowest and highest | before or after a | before and after a | a range on | a date range of | between | within a range of",
);
const rangeAfter = phrases(
  "range | ranges | between two dates | from and to | ( from and to ) | ( from , to ) | ( minimum and maximum ) | ( minimum , maximum ) | from ... to | between two values | ( range ) | ( from / to ) | interval | from - to | before or after a day | before or after | before and after | between a minimum and a maximum | range ( from and to ) | ( from to ) | between two days | ( at least and at most ) | ( from or to )",
);
const dateRange = phrases(
  "a date range | date range | date ranges | a range of dates | a period | period | dates | two dates | a range of days | two days | a given period | a time range | a certain period | a price range | price range",
);

function criterionAt(
  tokens: Tokens,
  from: number,
  into: Builder,
  context: Context,
  lead: number,
): number {
  const skipped = /^(whether|if)$/.test(tokens[from]?.word ?? "") ? whetherLength(tokens, from) : 0;
  const before = rangeBefore.at(tokens, from + skipped);
  const field = fieldPhraseAt(tokens, from + skipped + (before?.length ?? 0), context);
  if (field !== undefined) {
    const end = from + skipped + (before?.length ?? 0) + field.length;
    const after = rangeAfter.at(tokens, end);
    const own = /^(it|they)$/.test(tokens[end + (after?.length ?? 0)]?.word ?? "") ? 2 : 0;
    into.by.push({ words: field.words, range: before !== undefined || after !== undefined });
    return lead + end - from + (after?.length ?? 0) + own;
  }
  const several = context.scene.fieldsEndingIn(tokens[from], context.entity);
  if (several.length > 0) {
    into.by.push(...several.map((words) => ({ words, range: false })));
    return lead + 1;
  }
  const period = dateRange.at(tokens, from);
  if (period !== undefined) {
    into.by.push({ words: "", range: true });
    return lead + period.length;
  }
  return skipped > 0 ? stateCriterion(tokens, from + skipped, into, lead + skipped) : 0;
}

function whetherLength(tokens: Tokens, at: number): number {
  let length = 1;
  while (
    /^(it|they|a|the|is|are|was|were|has|have|been|one)$/.test(tokens[at + length]?.word ?? "")
  )
    length += 1;
  return length;
}

function stateCriterion(tokens: Tokens, at: number, into: Builder, lead: number): number {
  const word = tokens[at];
  if (word?.kind !== "word") return 0;
  into.by.push({ words: word.word, range: false });
  return lead + 1;
}

/** `that are archived`, `which are still open`: a state, bound later. */
const readRelative: ModifierReader = (tokens, at, into, context) => {
  if (
    !/^(that|which|who)$/.test(tokens[at]?.word ?? "") ||
    !/^(is|are)$/.test(tokens[at + 1]?.word ?? "")
  )
    return 0;
  const still = /^(still|already|currently)$/.test(tokens[at + 2]?.word ?? "") ? 1 : 0;
  const state = tokens[at + 2 + still];
  const after = tokens[at + 3 + still];
  if (
    state?.kind !== "word" ||
    (after !== undefined && after.kind === "word" && !/^(and|or)$/.test(after.word))
  )
    return 0;
  if (
    !context.verbs.some(
      (verb) => verb === "list" || verb === "view" || verb === "filter" || verb === "find",
    )
  )
    return 0;
  into.by.push({ words: state.word, range: false });
  return 3 + still;
};

const countTail = phrases(
  "there are | exist | are there | we have | there is | are in | i have | there are of | have been | they have | each has | belong to",
);
const readCountTail: ModifierReader = (tokens, at, _into, context) =>
  context.verbs.includes("count") ? (countTail.at(tokens, at)?.length ?? 0) : 0;

/** `the title of a bookmark`, `change its status`: fields and owners that an update or a read names. */
const readMentioned: ModifierReader = (tokens, at, _into, context) => {
  if (
    !context.verbs.every(
      (verb) =>
        verb === "update" ||
        verb === "create" ||
        verb === "view" ||
        verb === "read" ||
        verb === "delete",
    )
  )
    return 0;
  const of = /^(of|for|from|to)$/.test(tokens[at]?.word ?? "") ? 1 : 0;
  const owner = context.scene.subjectAt(tokens, at + of, undefined);
  if (of === 1 && owner?.value === context.entity) return of + owner.length;
  if (!context.verbs.every((verb) => verb === "update")) return 0;
  return fieldPhraseAt(tokens, at, context)?.length ?? 0;
};

const readers: readonly ModifierReader[] = [
  readStates,
  readCountTail,
  readPaging,
  readFormats,
  readDuplicates,
  readHarmless,
  readFieldListModifier,
  readSorting,
  readMentioned,
  readRelative,
  readCriteria,
];
