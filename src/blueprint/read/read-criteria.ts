import {
  type Builder,
  type Context,
  type ModifierReader,
  fieldPhraseAt,
  isJoint,
} from "./modifiers.ts";
import { phrases } from "./phrase-table.ts";
import { type Tokens, wordAt } from "./tokens.ts";

const searchLead = phrases(
  "by words in | for words in | by text in | for text in | by words from | by word in | for a word in | for a word from | by | in | over | across | through | on | for words from | with words from | using words from | within | by a word in | for words that occur in | by any word in | by keywords in | for | by part of | by parts of | by a part of | with words in | by keyword in | by words of | by searching | by what stands in | for any word in | with a word from | text in | words in | for words of | with a word in | covering | looks in | looking in | matching on | on words in | that looks in | for terms in | by terms in",
);
const filterLead = phrases(
  "by | on | for | with | in | of | per | according to | to | from | for each | for every | by their | between | by a | whose | that have | that has | having | down to | down by | to those with | under | within | carrying | by its | along | tagged with | grouped by | that are in | that belong to | belonging to | only by | that carry | written by | assigned to | for one | for a given | with a given | with a certain | in a given | in a certain | that are assigned to | borrowed by | after",
);

/** The fields searched, filtered or counted by. */
export const readCriteria: ModifierReader = (tokens, at, into, context) => {
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
  const skipped = /^(whether|if)$/.test(wordAt(tokens, from)) ? whetherLength(tokens, from) : 0;
  const before = rangeBefore.at(tokens, from + skipped);
  const field = fieldPhraseAt(tokens, from + skipped + (before?.length ?? 0), context);
  if (field !== undefined) {
    const end = from + skipped + (before?.length ?? 0) + field.length;
    const after = rangeAfter.at(tokens, end);
    const own = /^(it|they)$/.test(wordAt(tokens, end + (after?.length ?? 0))) ? 2 : 0;
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
  while (/^(it|they|a|the|is|are|was|were|has|have|been|one)$/.test(wordAt(tokens, at + length)))
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
export const readRelative: ModifierReader = (tokens, at, into, context) => {
  if (!/^(that|which|who)$/.test(wordAt(tokens, at)) || !/^(is|are)$/.test(wordAt(tokens, at + 1)))
    return 0;
  const still = /^(still|already|currently)$/.test(wordAt(tokens, at + 2)) ? 1 : 0;
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
