import type { RequirementsDocument, Sentence } from "../../delivery/requirements/document.ts";
import { entityRow, fieldRow, isEntityTable, isFieldTable } from "./field-table.ts";
import { isPlural } from "./names.ts";
import { phrases } from "./phrase-table.ts";
import { actionVerbs, verbPhrases } from "./phrases/operation-phrases.ts";
import {
  fieldNouns,
  havePhrases,
  keeperVerbs,
  modalPhrases,
  notThings,
  perEntity,
  possibilityPhrases,
} from "./phrases/sentence-phrases.ts";
import { ruleAt } from "./read-rules.ts";
import { tokenize, type Token, type Tokens, wordAt } from "./tokens.ts";
import { singularPhrase } from "./vocabulary.ts";

/** Nouns that a document uses as things to keep. */
export interface EntityNouns {
  /** The document says what they consist of. */
  readonly described: readonly string[];
  /** Only something is to be done with them. */
  readonly mentioned: readonly string[];
}

const maxNounWords = 3;
const determiners = new Set(
  "a an each every the all any one our new single both some individual".split(" "),
);
const stopWords = new Set(
  "of to in on at by for with from as is are was be can may must should will has have that which who and or not no only when if it its they this these".split(
    " ",
  ),
);

/** First pass over a document: which nouns are entities. Later passes see their names wherever they stand. */
export function findEntities(document: RequirementsDocument): EntityNouns {
  const described: string[] = [];
  const mentioned: string[] = [];
  const withChildren = new Set(document.sentences.map((sentence) => sentence.parent));
  for (const sentence of document.sentences) {
    if (sentence.kind === "code") continue;
    const tokens = tokenize(sentence.text);
    const noun =
      describedInTable(sentence) ??
      describedByHaving(tokens) ??
      describedByBelonging(tokens) ??
      describedByKeeping(tokens) ??
      (withChildren.has(sentence.id) ? announced(tokens) : undefined) ??
      listedInOneLine(tokens) ??
      createdWith(tokens);
    if (noun !== undefined) described.push(noun);
    else {
      const heading = underHeading(sentence, tokens);
      if (heading !== undefined) described.push(heading);
    }
    mentioned.push(...objectsOfVerbs(tokens));
  }
  const known = [...new Set(described)];
  return {
    described: known,
    mentioned: [...new Set(mentioned)].filter((one) => !known.includes(one)),
  };
}

function nounPhrase(tokens: Tokens): string | undefined {
  if (tokens.length === 0 || tokens.length > maxNounWords) return undefined;
  if (!tokens.every((token) => isNounWord(token))) return undefined;
  const last = tokens.at(-1)?.word ?? "";
  if (notThings.has(last)) return undefined;
  const noun = singularPhrase(tokens);
  return notThings.has(noun) || /^\d/.test(noun) ? undefined : noun;
}

function isNounWord(token: Token): boolean {
  return (
    (token.kind === "word" || token.kind === "quoted") &&
    token.value === undefined &&
    !stopWords.has(token.word) &&
    !determiners.has(token.word)
  );
}

function skip(tokens: Tokens, from: number): number {
  let at = from;
  while (determiners.has(wordAt(tokens, at))) at += 1;
  return at;
}

function describedInTable(sentence: Sentence): string | undefined {
  if (isEntityTable(sentence)) return nounPhrase(nounTokens(entityRow(sentence).entity));
  if (!isFieldTable(sentence)) return undefined;
  const entity = fieldRow(sentence).entity;
  return entity === undefined ? undefined : nounPhrase(nounTokens(entity));
}

function nounTokens(text: string): Tokens {
  const tokens = tokenize(text);
  return tokens.slice(skip(tokens, 0));
}

/** `A bookmark has a title`, also after a comma or `and`. */
function describedByHaving(tokens: Tokens): string | undefined {
  const start = skip(tokens, 0);
  for (let length = 1; length <= maxNounWords; length += 1) {
    const have = havePhrases.at(tokens, start + length);
    if (have === undefined) continue;
    const after = tokens[start + length + have.length];
    if (after === undefined || /^(to|been|no|not|its|never)$/.test(after.word)) continue;
    const noun = tokens.slice(start, start + length);
    if (isUser(noun) && isListOfFields(tokens, start + length)) return "user";
    return nounPhrase(noun);
  }
  return undefined;
}

const belonging = phrases(
  "belongs to | refers to | is made of | always belongs to | must belong to",
);

/** `A loan belongs to a book`. */
function describedByBelonging(tokens: Tokens): string | undefined {
  if (!/^(a|an|each|every)$/.test(wordAt(tokens, 0))) return undefined;
  for (let length = 1; length <= maxNounWords; length += 1) {
    if (belonging.at(tokens, 1 + length) !== undefined)
      return nounPhrase(tokens.slice(1, 1 + length));
  }
  return undefined;
}

/** People are actors, unless the document says what is kept of them. */
function isUser(noun: Tokens): boolean {
  return noun.length === 1 && /^(user|users)$/.test(wordAt(noun, 0));
}

function isListOfFields(tokens: Tokens, from: number): boolean {
  return (
    tokens.slice(from).some((token) => token.word === "," || token.word === "and") &&
    !tokens.some((token) => /^(token|tokens|key|password)$/.test(token.word))
  );
}

/** `For each bookmark we keep ...`, `We store the following about a bookmark`. */
function describedByKeeping(tokens: Tokens): string | undefined {
  for (let at = 0; at < tokens.length; at += 1) {
    const per = perEntity.at(tokens, at);
    if (per === undefined) continue;
    const start = at + per.length;
    for (let length = maxNounWords; length >= 1; length -= 1) {
      const after = start + length + (wordAt(tokens, start + length) === "," ? 1 : 0);
      const closes =
        keeperVerbs.at(tokens, after) !== undefined ||
        (keepsBefore(tokens, at) && (after >= tokens.length || wordAt(tokens, after) === ":"));
      if (closes) {
        const noun = nounPhrase(tokens.slice(start, start + length));
        if (noun !== undefined) return noun;
      }
    }
  }
  return undefined;
}

function keepsBefore(tokens: Tokens, before: number): boolean {
  for (let at = 0; at < Math.min(before, 12); at += 1)
    if (keeperVerbs.at(tokens, at) !== undefined) return true;
  return false;
}

/** `Each bookmark:`, `Fields of a bookmark:`, `Bookmark fields:` above a list. */
function announced(tokens: Tokens): string | undefined {
  const end = tokens.at(-1)?.word === ":" ? tokens.length - 1 : tokens.length;
  let body = tokens.slice(skip(tokens, 0), end);
  if (fieldNouns.has(wordAt(body, 0)) && /^(of|for)$/.test(wordAt(body, 1)))
    body = body.slice(skip(body, 2));
  while (/^(are|is)$/.test(body.at(-1)?.word ?? "")) body = body.slice(0, -1);
  while (body.length > 1 && fieldNouns.has(body.at(-1)?.word ?? "")) body = body.slice(0, -1);
  if (startsWithVerb(body)) return undefined;
  return nounPhrase(body.map((token) => ({ ...token, word: token.word.replace(/['’]s?$/, "") })));
}

/** `Bookmark: title, address and notes`. */
function listedInOneLine(tokens: Tokens): string | undefined {
  const colon = tokens.findIndex((token) => /^[:(-]$/.test(token.word));
  if (colon < 1 || colon > maxNounWords + 1) return undefined;
  const parts = tokens
    .slice(colon)
    .filter((token) => token.word === "," || token.word === "and").length;
  const start = skip(tokens, 0);
  const noun = tokens.slice(start, colon);
  if (parts < 1 || startsWithVerb(noun) || ruleAt(tokens, colon + 1) !== undefined)
    return undefined;
  // `Tags: optional` and `status: open, closed` describe a field; an entity's list names things with types or rules.
  const capital = /^\p{Lu}/u.test(noun[0]?.text ?? "");
  const describes = tokens
    .slice(colon + 1)
    .some(
      (token, index, rest) =>
        /^(required|optional|unique|email|date|price|name|title)$/.test(token.word) &&
        rest.length > 2 &&
        index >= 0,
    );
  return capital && describes && !ruleWords(tokens.slice(colon + 1)) ? nounPhrase(noun) : undefined;
}

function ruleWords(tokens: Tokens): boolean {
  const first = wordAt(tokens, 0);
  return (
    /^(text|number|date|one|required|optional|yes|whole|either|must|url|email|a|an)$/.test(first) &&
    !/^(a|an)$/.test(first)
  );
}

/** `add a bookmark with a title and an address`. */
function createdWith(tokens: Tokens): string | undefined {
  for (let at = 0; at < tokens.length; at += 1) {
    const verb = verbPhrases.at(tokens, at);
    if (verb === undefined || (verb.value !== "create" && wordAt(tokens, at) !== "open")) continue;
    const start = skip(tokens, at + verb.length);
    for (let length = 1; length <= maxNounWords; length += 1) {
      const next = wordAt(tokens, start + length);
      const lists =
        (next === "with" &&
          /^(a|an|its|the|their|my|optional)$/.test(wordAt(tokens, start + length + 1))) ||
        (next === ":" && tokens.length > start + length + 2);
      if (!lists) continue;
      const noun = nounPhrase(tokens.slice(start, start + length));
      if (noun !== undefined) return noun;
    }
  }
  return undefined;
}

/** Rows and items that describe fields stand under a heading that names the entity. */
function underHeading(sentence: Sentence, tokens: Tokens): string | undefined {
  const heading = sentence.headingPath.at(-1);
  if (heading === undefined || sentence.headingPath.length < 2) return undefined;
  if (sentence.kind === "row" ? !isFieldTable(sentence) : !isFieldItem(sentence, tokens))
    return undefined;
  return headingNoun(heading);
}

/** The entity that a heading names: `2. Bookmarks`, `The bookmark`, `Bookmark fields`. */
export function headingNoun(heading: string): string | undefined {
  let tokens = tokenize(heading.replace(/^[\d.)\s]+/, ""));
  tokens = tokens.slice(skip(tokens, 0));
  if (fieldNouns.has(wordAt(tokens, 0)) && wordAt(tokens, 1) === "of")
    tokens = tokens.slice(skip(tokens, 2));
  while (tokens.length > 1 && fieldNouns.has(tokens.at(-1)?.word ?? ""))
    tokens = tokens.slice(0, -1);
  if (startsWithVerb(tokens)) return undefined;
  const noun = nounPhrase(tokens);
  return noun === undefined || generalHeadings.has(noun) ? undefined : noun;
}

const generalHeadings = new Set(
  (
    "overview introduction background feature function functionality scope rule field data requirement goal detail access security limit note operation action quality search list filter entity model purpose " +
    "summary performance glossary assumption appendix context nonfunctional behavior behaviour import export general constraint question story persona validation sorting filtering permission import/export"
  ).split(" "),
);

function isFieldItem(sentence: Sentence, tokens: Tokens): boolean {
  if (sentence.kind !== "item" || sentence.parent !== undefined || startsWithVerb(tokens))
    return false;
  const mark = tokens.findIndex((token) => /^[:(-]$/.test(token.word));
  return mark >= 1 && mark <= 4 && ruleAt(tokens, mark + 1) !== undefined;
}

/** True for `create ...`, `can ...`, `it should be possible to ...`. */
export function startsWithVerb(tokens: Tokens): boolean {
  return (
    verbPhrases.at(tokens, 0) !== undefined ||
    actionVerbs.at(tokens, 0) !== undefined ||
    modalPhrases.at(tokens, 0) !== undefined ||
    possibilityPhrases.at(tokens, 0) !== undefined
  );
}

function objectsOfVerbs(tokens: Tokens): readonly string[] {
  const nouns: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const verb = verbPhrases.at(tokens, at);
    if (verb?.value !== "create" && verb?.value !== "manage" && verb?.value !== "delete") continue;
    const start = skip(tokens, at + verb.length);
    const noun = tokens[start];
    const next = tokens[start + 1];
    const ends = next === undefined || next.kind === "mark" || stopWords.has(next.word);
    const named = start > at + verb.length || isPlural(noun?.word ?? "");
    if (noun !== undefined && ends && named) {
      const phrase = nounPhrase([noun]);
      if (phrase !== undefined) nouns.push(phrase);
    }
  }
  return nouns;
}
