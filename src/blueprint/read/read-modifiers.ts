import {
  type Builder,
  type Context,
  type ModifierReader,
  type Modifiers,
  fieldPhraseAt,
  isJoint,
} from "./modifiers.ts";
import { phrases } from "./phrase-table.ts";
import { duplicatePhrases, formats, harmless } from "./phrases/operation-phrases.ts";
import { defaultAfter } from "./phrases/rule-phrases.ts";
import { readCriteria, readRelative } from "./read-criteria.ts";
import { readSorting } from "./read-sorting.ts";
import { type Tokens, textOf, wordAt } from "./tokens.ts";

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
    while (/^(,|and|or|\/|as|to|from|in|a|and\/or|well)$/.test(wordAt(tokens, next))) next += 1;
    format = formats.at(tokens, next);
    if (format !== undefined) end = next;
  }
  if (/^(file|files|format|formats)$/.test(wordAt(tokens, end))) end += 1;
  return end - at;
};

const duplicateNouns = phrases(
  "duplicates | duplicate entries | entries that are already there | existing ones | the ones that are already there | those that are already there | with duplicates | ones that already exist | what is already there | doubles | duplicate rows | rows that are already there",
);

/** `skipping duplicates`, `where duplicates are skipped`. */
const readDuplicates: ModifierReader = (tokens, at, into, context) => {
  if (!context.verbs.includes("import")) return 0;
  const lead = /^(where|whereby|with|while|and)$/.test(wordAt(tokens, at)) ? 1 : 0;
  const noun = duplicateNouns.at(tokens, at + lead);
  const nounEnd = at + lead + (noun?.length ?? 0);
  const verbFrom = /^(are|is|being|get)$/.test(wordAt(tokens, nounEnd)) ? nounEnd + 1 : nounEnd;
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
  const lead = /^(as|to|back)$/.test(wordAt(tokens, at));
  const listed = into.states.length > 0 && isJoint(tokens, at - 1);
  if (!lead && !listed) return 0;
  let from = lead ? at + 1 : at;
  while (/^(to|as|being|a|an|the)$/.test(wordAt(tokens, from))) from += 1;
  let end = from;
  while (
    end < tokens.length &&
    end - from < 3 &&
    !isJoint(tokens, end) &&
    !/^(again|later|when|if|once|with|so|by|as)$/.test(wordAt(tokens, end))
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
    !/^(with|by|:|including|from|consisting|giving)$/.test(wordAt(tokens, at)) ||
    tokens.length - at < 2
  )
    return 0;
  if (
    /^(by|from)$/.test(wordAt(tokens, at)) &&
    !/^(giving|entering|its|their|typing|filling)$/.test(wordAt(tokens, at + 1))
  )
    return 0;
  const from = /^(giving|entering|typing|filling)$/.test(wordAt(tokens, at + 1)) ? at + 2 : at + 1;
  into.fieldList = tokens.slice(from);
  return tokens.length - at;
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
  const of = /^(of|for|from|to)$/.test(wordAt(tokens, at)) ? 1 : 0;
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
