import type { RequirementsDocument, Sentence } from "../../delivery/requirements/document.ts";
import { classify, introductionFact, qualityOf, reasonBeyondReach } from "./classify.ts";
import type { Fact } from "./facts.ts";
import { headingNoun } from "./find-entities.ts";
import { isForeign, onlyEnglish } from "./language.ts";
import { type Lead, leadOf, leadOfHeading, moreThanLead } from "./lead-ins.ts";
import { outOfScopeFact } from "./out-of-scope.ts";
import { explained, readClause } from "./read-clause.ts";
import { asksBack } from "./questions.ts";
import { readMeta } from "./read-meta.ts";
import { readRow } from "./read-row.ts";
import type { Clause, Scene } from "./scene.ts";
import { splitClauses, withoutConnectives } from "./split-clauses.ts";
import { type Token, type Tokens, maxTokensPerSentence, tokenize } from "./tokens.ts";
import {
  type Walk,
  clauseOf,
  context,
  qualityBeforeFeature,
  wholeProduct,
  recentOf,
  topicOf,
} from "./walk.ts";
import { readItem } from "./read-item.ts";

/** Everything that the sentences of a document say, in document order. Every sentence yields at least one fact. */
export function readStatements(document: RequirementsDocument, scene: Scene): readonly Fact[] {
  const children = new Map<string, Sentence[]>();
  for (const sentence of document.sentences) {
    if (sentence.parent === undefined || sentence.kind === "prose") continue;
    const siblings = children.get(sentence.parent) ?? [];
    siblings.push(sentence);
    children.set(sentence.parent, siblings);
  }
  const walk: Walk = {
    document,
    scene,
    byId: new Map(document.sentences.map((sentence) => [sentence.id, sentence])),
    parents: new Set(children.keys()),
    children,
    topic: undefined,
    headings: "",
    recent: [],
  };
  return document.sentences.flatMap((sentence) => {
    const facts = readSentence(sentence, walk);
    walk.recent = recentOf(facts, walk.recent);
    return facts.map(explained);
  });
}

function readSentence(sentence: Sentence, walk: Walk): readonly Fact[] {
  enterSection(sentence, walk);
  const unreadable = reasonNotToRead(sentence);
  if (unreadable !== undefined) return [unreadSentence(sentence, unreadable)];
  if (sentence.kind === "meta") return [readMeta(sentence)];
  const scope = outOfScopeFact(sentence, walk.scene) ?? inheritedScope(sentence, walk);
  if (scope !== undefined) return [scope];
  if (sentence.kind === "row") return readRow(sentence, walk);
  const tokens = tokenize(sentence.text);
  if (tokens.length >= maxTokensPerSentence)
    return [unreadSentence(sentence, "is too long to be read as one sentence")];
  if (tokens.length === 0) return [context(sentence, "has no words")];
  if (walk.parents.has(sentence.id) && isLead(sentence, tokens)) return readLead(sentence, walk);
  return readText(sentence, tokens, leadFor(sentence, walk), walk);
}

const reaction = /\b(whenever|every time|each time)\b/i;

/** Why a sentence is not read at all, whatever it says. */
function reasonNotToRead(sentence: Sentence): string | undefined {
  if (sentence.kind === "code") return "stands in a code block: nothing is built from code";
  if (sentence.kind !== "meta" && isForeign(sentence.text)) return onlyEnglish;
  if (reaction.test(sentence.text))
    return "happens whenever something else does: the service only answers requests";
  if (asksBack(sentence)) return "asks a question: nothing is built until it is answered";
  return undefined;
}

function isLead(sentence: Sentence, tokens: Tokens): boolean {
  return (
    sentence.text.endsWith(":") ||
    (sentence.kind === "item" && tokens.length <= 4 && !/[.!?]$/.test(sentence.text))
  );
}

/** A new section with a name of its own changes what `it` means. */
function enterSection(sentence: Sentence, walk: Walk): void {
  const path = sentence.headingPath.join("\n");
  if (path === walk.headings) return;
  walk.headings = path;
  const heading = sentence.headingPath.length > 1 ? sentence.headingPath.at(-1) : undefined;
  if (heading === undefined) return;
  const noun = headingNoun(heading);
  const named =
    noun !== undefined && walk.scene.vocabulary.entities.includes(noun)
      ? noun
      : walk.scene.vocabulary.entityIn(heading);
  if (named !== undefined) walk.topic = named;
}

/** Items under `Not in this version:` are not to be built either. */
function inheritedScope(sentence: Sentence, walk: Walk): Fact | undefined {
  const parent =
    sentence.parent === undefined || sentence.kind === "prose"
      ? undefined
      : walk.byId.get(sentence.parent);
  if (parent === undefined || !parent.text.endsWith(":")) return undefined;
  const scope = outOfScopeFact(parent, walk.scene);
  return scope === undefined ? undefined : { ...scope, sentence: sentence.id };
}

function leadFor(sentence: Sentence, walk: Walk): Lead {
  const parent =
    sentence.parent === undefined || sentence.kind === "prose"
      ? undefined
      : walk.byId.get(sentence.parent);
  if (parent === undefined)
    return sentence.kind === "item"
      ? leadOfHeading(sentence, walk.scene)
      : { kind: "sentences", entity: undefined };
  if (!isLead(parent, tokenize(parent.text))) return { kind: "sentences", entity: undefined };
  const lead = leadOf(parent.text, walk.scene, walk.topic);
  // `Rules:` under `Bookmark:` says nothing about whose rules they are.
  return lead.kind === "sentences" && lead.entity === undefined
    ? { ...lead, entity: walk.topic }
    : lead;
}

function readLead(sentence: Sentence, walk: Walk): readonly Fact[] {
  const lead = leadOf(sentence.text, walk.scene, walk.topic);
  if (lead.kind !== "operations" && lead.kind !== "values") walk.topic = lead.entity ?? walk.topic;
  if (lead.kind === "values") return readValueList(sentence, walk);
  const more = moreThanLead(sentence.text);
  return more === undefined
    ? [context(sentence, "introduces what stands below it")]
    : [unreadSentence(sentence, `introduces what stands below it, and says more: “${more}”`)];
}

/** `The status is one of:` with one value an item. */
function readValueList(sentence: Sentence, walk: Walk): readonly Fact[] {
  const values = (walk.children.get(sentence.id) ?? []).flatMap((child): Token[] => [
    { text: ",", word: ",", kind: "mark" },
    { text: child.text, word: child.text.toLowerCase(), kind: "quoted" },
  ]);
  const lead = tokenize(sentence.text).filter((token) => token.word !== ":");
  const tokens = [...lead, ...values.slice(1)];
  const facts = readClause(clauseOf(sentence, tokens, walk), walk.scene);
  return facts ?? [classify(sentence, walk.document.title)];
}

function readText(sentence: Sentence, tokens: Tokens, lead: Lead, walk: Walk): readonly Fact[] {
  if (lead.kind === "values") return [context(sentence, "is one of the values announced above")];
  if (sentence.kind === "item" && lead.kind !== "operations")
    walk.topic = lead.entity ?? walk.topic;
  const early =
    qualityBeforeFeature(sentence, walk) ?? introductionFact(sentence, walk.document.title);
  if (early !== undefined) {
    walk.topic = early.context === "background" ? undefined : walk.topic;
    return [early];
  }
  const items = sentence.kind === "item" ? readItem(sentence, tokens, lead, walk) : undefined;
  if (items !== undefined) return items;
  return readClauses(sentence, splitClauses(withoutConnectives(tokens), walk.scene), lead, walk);
}

function readClauses(
  sentence: Sentence,
  clauses: readonly Tokens[],
  lead: Lead,
  walk: Walk,
): readonly Fact[] {
  const facts: Fact[] = [];
  const missed: string[] = [];
  for (const tokens of clauses) {
    const clause: Clause = {
      ...clauseOf(sentence, tokens, walk),
      form: lead.kind === "operations" ? "operation" : "sentence",
      actor: lead.kind === "operations" ? lead.actor : undefined,
    };
    const read = readClause(clause, walk.scene);
    if (read === undefined) missed.push(tokens.map((token) => token.text).join(" "));
    else facts.push(...read);
    walk.recent = recentOf(read ?? [], walk.recent);
    walk.topic =
      (read === undefined ? undefined : topicOf(read)) ??
      walk.scene.vocabulary.firstIn(tokens) ??
      walk.topic;
  }
  if (facts.length === 0) {
    const fact = classify(sentence, walk.document.title);
    // After `Bookmarks is a small service`, `it` is the service.
    if (fact.kind === "context") walk.topic = undefined;
    return [fact];
  }
  return [...facts, ...missed.map((words) => missedFact(sentence, words))];
}

/** Of a clause beside others that were understood: a quality is kept, the rest reported. */
function missedFact(sentence: Sentence, words: string): Fact {
  const quality = reasonBeyondReach(words) === undefined ? qualityOf(words) : undefined;
  return quality === undefined
    ? unreadSentence(sentence, `not understood: “${words}”`)
    : { ...wholeProduct(sentence.id, quality), words };
}

function unreadSentence(sentence: Sentence, reason: string): Fact {
  return { kind: "unread", sentence: sentence.id, reason };
}
