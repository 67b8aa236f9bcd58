import type { FieldSpec, Rule } from "./drafts.ts";
import { phrases } from "./phrase-table.ts";
import { boundBefore, measures } from "./phrases/rule-phrases.ts";
import { readRules } from "./read-rules.ts";
import { type Tokens, wordAt } from "./tokens.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { isLabelWord, labelEnd, labelText } from "./field-label.ts";
import { bareValues } from "./bare-values.ts";

const determiners = phrases(
  "a | an | the | its | their | his | her | our | my | your | one | exactly one | some | also | and | as well as | plus | or | possibly | of course | a single | of a | always | have | has | both | any | each | of the | all the",
);
const leadingAdjectives = new Map<string, Rule | undefined>([
  ["optional", { kind: "flag", flag: "optional" }],
  ["optionally", { kind: "flag", flag: "optional" }],
  ["required", { kind: "flag", flag: "required" }],
  ["unique", { kind: "flag", flag: "unique" }],
  ["positive", { kind: "flag", flag: "positive" }],
  ["long", { kind: "flag", flag: "multiline" }],
  ["free", undefined],
  ["short", undefined],
  ["simple", undefined],
  ["own", undefined],
  ["little", undefined],
]);
const many = phrases(
  "any number of | a number of | several | many | one or more | zero or more | a list of | list of | a set of | multiple | as many | lists of | a collection of",
);
const flagWords = phrases(
  "flag | mark | yes/no flag | yes/no | information | note | marker | tick box | checkbox | indication | field | yes or no",
);
const flagLinks = phrases(
  "that says | which says | saying | that tells | telling | that shows | that records | which shows | which tells | for | of | showing | to say | to show | that indicates | indicating",
);
const whetherWords = phrases("whether | if");
const copulaWords = phrases(
  "is | are | was | were | has been | have been | has | was already | has already been | is already | is still | can be",
);
const quantityOf = phrases("how many | how much");
const dateOf = phrases(
  "the date it was | the date on which it was | the date when it was | the day it was | the day on which it was | the day when it was | date it was | the date it is | the date on which it is | the date they were | when it was | the date it | the day it | the date on which it | the date when it | date when it was | a date when it was",
);
const timeOf = phrases(
  "the time it was | the time at which it was | the moment it was | the time when it was",
);

/** Reads one element of a list of fields: `an address (required, must be a URL)`. Undefined when there is no name in it. */
export function readField(tokens: Tokens, vocabulary: Vocabulary): FieldSpec | undefined {
  return whetherField(tokens) ?? momentField(tokens) ?? namedField(tokens, vocabulary);
}

/** `whether it is read`, `a flag that says whether it has been returned`. */
function whetherField(tokens: Tokens): FieldSpec | undefined {
  let at = skipDeterminers(tokens, 0);
  const flag = flagWords.at(tokens, at);
  at += flag?.length ?? 0;
  const link = flag === undefined ? undefined : flagLinks.at(tokens, at);
  at += link?.length ?? 0;
  const word = whetherWords.at(tokens, at);
  if (word === undefined && (flag === undefined || link === undefined)) return undefined;
  at += word?.length ?? 0;
  if (/^(it|they|he|she)$/.test(wordAt(tokens, at))) at += 1;
  at += copulaWords.at(tokens, at)?.length ?? 0;
  return labelled(tokens, at, { kind: "type", type: "boolean" }, "");
}

function momentField(tokens: Tokens): FieldSpec | undefined {
  const date = dateOf.at(tokens, 0);
  if (date !== undefined)
    return labelled(tokens, date.length, { kind: "type", type: "date" }, " on");
  const time = timeOf.at(tokens, 0);
  if (time !== undefined)
    return labelled(tokens, time.length, { kind: "type", type: "datetime" }, " at");
  return quantityField(tokens);
}

/** `how many pages it has`, `how much light it needs (low, medium, high)`. */
function quantityField(tokens: Tokens): FieldSpec | undefined {
  const quantity = quantityOf.at(tokens, 0);
  if (quantity === undefined) return undefined;
  const end = labelEnd(tokens, quantity.length, false);
  if (end === quantity.length) return undefined;
  const it = /^(it|they|he|she)$/.test(wordAt(tokens, end)) ? end + 2 : end;
  const label = labelText(tokens, quantity.length, end);
  const values = bareValues(tokens, it, `${label} level`);
  const { rules, rest } =
    values === undefined ? readRules(tokens, it) : { rules: values, rest: [] };
  const many: readonly Rule[] =
    wordAt(tokens, 1) === "many" ? [{ kind: "type", type: "integer" }] : [];
  return { label, rules: [...many, ...rules], rest };
}

/** The label is what stands from `from` to the first rule or mark. */
function labelled(tokens: Tokens, from: number, type: Rule, suffix: string): FieldSpec | undefined {
  const end = labelEnd(tokens, from, true);
  if (end === from) return undefined;
  const { rules, rest } = readRules(tokens, end);
  return { label: labelText(tokens, from, end) + suffix, rules: [type, ...rules], rest };
}

function namedField(tokens: Tokens, vocabulary: Vocabulary): FieldSpec | undefined {
  const lead = leadingRules(tokens);
  const start = lead.length;
  const end = labelEnd(tokens, start, false);
  if (end === start) return undefined;
  const named = labelText(tokens, start, end);
  const label = named.replace(/ (flag|checkbox|indicator)$/, "");
  const flag: readonly Rule[] = label === named ? [] : [{ kind: "type", type: "boolean" }];
  const explained = skipExplanation(tokens, end, vocabulary);
  const values = bareValues(tokens, explained, label);
  const { rules, rest } =
    values === undefined
      ? readRules(withoutExamples(tokens, explained), explained)
      : { rules: values, rest: [] };
  const entity = vocabulary.entityAt(tokens, start);
  const identifier = /^ids?$/.test(wordAt(tokens, end - 1)) ? 1 : 0;
  const reference: readonly Rule[] =
    entity !== undefined &&
    entity.length === end - start - identifier &&
    !rules.some((rule) => rule.kind === "type")
      ? [{ kind: "reference", entity: entity.value, many: entity.plural }]
      : roleOf(tokens, explained, vocabulary);
  return {
    label: reference.length > 0 ? label.replace(/ ids?$/, "") : label,
    rules: [...lead.value, ...flag, ...reference, ...rules],
    rest: reference.length > 0 ? rest.filter((one) => !explainsReference(one, vocabulary)) : rest,
  };
}

/** `the category it belongs to`, `which plant was watered`: says again that it refers. */
function explainsReference(text: string, vocabulary: Vocabulary): boolean {
  if (vocabulary.entityIn(text) !== undefined) return true;
  return /^(reference|foreign key|belongs?|refers?|points?|was|were|\p{L}+ed|links?)( \p{L}+ed)?$/u.test(
    text,
  );
}

/** `an assignee (an agent)`: the part in brackets names another entity. */
function roleOf(tokens: Tokens, at: number, vocabulary: Vocabulary): readonly Rule[] {
  if (!/^[(:,-]$/.test(wordAt(tokens, at))) return [];
  let from = at + 1;
  while (
    /^(a|an|the|one|of|which|who|is|refers|reference|to|link|required|optional|,)$/.test(
      wordAt(tokens, from),
    )
  )
    from += 1;
  const entity = vocabulary.entityAt(tokens, from);
  if (entity === undefined) return [];
  const after = tokens[from + entity.length]?.word;
  if (after !== undefined && !/^[),.;]$/.test(after)) return [];
  return [{ kind: "reference", entity: entity.value, many: entity.plural }];
}

function skipDeterminers(tokens: Tokens, from: number): number {
  let at = from;
  while (many.at(tokens, at) === undefined) {
    const match = determiners.at(tokens, at);
    if (match === undefined) break;
    at += match.length;
  }
  return at;
}

function leadingRules(tokens: Tokens): {
  readonly value: readonly Rule[];
  readonly length: number;
} {
  const rules: Rule[] = [];
  let at = skipDeterminers(tokens, 0);
  for (let more = true; more;) {
    more = false;
    const word = wordAt(tokens, at);
    const several = many.at(tokens, at);
    const end = boundBefore.at(tokens, at);
    const number = end === undefined ? undefined : tokens[at + end.length]?.value;
    if (leadingAdjectives.has(word) && isLabelWord(tokens[at + 1])) {
      const rule = leadingAdjectives.get(word);
      if (rule !== undefined) rules.push(rule);
      at += 1;
      more = true;
    } else if (several !== undefined && isLabelWord(tokens[at + several.length])) {
      at += several.length;
      rules.push({ kind: "type", type: "labels" });
      more = true;
    } else if (
      end !== undefined &&
      number !== undefined &&
      startsNoun(tokens, at + end.length + 1)
    ) {
      at += end.length + 1;
      rules.push(
        { kind: "type", type: "labels" },
        end.value === "minimum"
          ? { kind: "bound", of: "items", minimum: number }
          : { kind: "bound", of: "items", maximum: number },
      );
      more = true;
    }
    at = skipDeterminers(tokens, at);
  }
  return { value: rules, length: at };
}

function startsNoun(tokens: Tokens, at: number): boolean {
  return isLabelWord(tokens[at]) && measures.at(tokens, at) === undefined;
}

/** `title of the book`, `a note for the gardener`: what it belongs to or is good for. */
function skipExplanation(tokens: Tokens, at: number, vocabulary: Vocabulary): number {
  const word = tokens[at]?.word;
  if (word !== "of" && word !== "for") return at;
  let next = at + 1;
  while (/^(a|an|the|each|every|this|its|their)$/.test(wordAt(tokens, next))) next += 1;
  const entity = vocabulary.entityAt(tokens, next);
  return entity === undefined ? at : next + entity.length;
}

/** `(for example Dune)`: examples in brackets say nothing new. */
function withoutExamples(tokens: Tokens, from: number): Tokens {
  const start = tokens.findIndex(
    (token, at) =>
      at >= from &&
      (/^(e\.g|eg|e\.g\.)$/.test(token.word) ||
        (/^(such|for)$/.test(token.word) &&
          /^(as|example|instance)$/.test(wordAt(tokens, at + 1)))),
  );
  if (start < 0) return tokens;
  const close = tokens.findIndex((token, at) => at > start && token.word === ")");
  return [...tokens.slice(0, start), ...(close < 0 ? [] : tokens.slice(close))];
}
