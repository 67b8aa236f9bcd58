import type { RequirementsDocument, Sentence } from "../../delivery/requirements/document.ts";
import { qualityOf, reasonBeyondReach } from "./classify.ts";
import type { Fact } from "./facts.ts";
import { qualityHeading } from "./phrases/context-phrases.ts";
import { readClause } from "./read-clause.ts";
import { readQuality } from "./read-quality.ts";
import type { Clause, Scene } from "./scene.ts";
import { withoutConnectives } from "./split-clauses.ts";
import type { Token, Tokens } from "./tokens.ts";

type ContextFact = Extract<Fact, { kind: "context" }>;

/** Where the reading of a document stands. */
export interface Walk {
  readonly document: RequirementsDocument;
  readonly scene: Scene;
  readonly byId: ReadonlyMap<string, Sentence>;
  readonly parents: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, readonly Sentence[]>;
  /** The entity that the text speaks of, for `it`. */
  topic: string | undefined;
  headings: string;
  recent: Clause["recent"];
}

/** The fields last spoken of. */
export function recentOf(facts: readonly Fact[], before: Clause["recent"]): Clause["recent"] {
  const fields = facts.flatMap((fact) =>
    fact.kind === "field" ? [{ entity: fact.entity, label: fact.label }] : [],
  );
  return fields.length > 0 ? fields : before;
}

/** A clause of the sentence, read as a sentence unless its form is changed. */
export function clauseOf(sentence: Sentence, tokens: Tokens, walk: Walk): Clause {
  return {
    tokens,
    sentence: sentence.id,
    form: "sentence",
    topic: walk.topic,
    actor: undefined,
    benefit: undefined,
    priority: priorityOf(sentence.text),
    stance: "plain",
    recent: walk.recent,
  };
}

function priorityOf(text: string): "must" | "should" | "could" {
  if (
    /\b(nice to have|if possible|ideally|could have|optional feature|would be nice|bonus)\b/i.test(
      text,
    )
  )
    return "could";
  return "must";
}

/** In a section on quality a sentence is about quality, even when it mentions searching. */
export function qualityBeforeFeature(sentence: Sentence, walk: Walk): ContextFact | undefined {
  const section = sentence.headingPath
    .slice(1)
    .some((heading) => qualityHeading.test(heading.toLowerCase()));
  const measured = /\b\d[\d.,]* ?(ms|milliseconds?|seconds?)\b/i.test(sentence.text);
  if (!section && !measured) return undefined;
  if (reasonBeyondReach(sentence.text) !== undefined) return undefined;
  const quality = qualityOf(sentence.text);
  if (
    quality === undefined ||
    (quality === "security" &&
      /\btokens?\b/i.test(sentence.text) &&
      /\b(only|must|needs?|requires?)\b/i.test(sentence.text) &&
      !/\blogs?\b/i.test(sentence.text))
  )
    return undefined;
  // `People can search, and it must be fast`: what else it asks for is read first.
  if (readQuality(sentence.text, walk.scene.vocabulary).rest.length > 0) return undefined;
  return wholeProduct(sentence.id, quality);
}

/** A sentence, or words of it, on a quality that the whole product is to have. */
export function wholeProduct(sentence: string, quality: string): ContextFact {
  return {
    kind: "context",
    context: "nonfunctional",
    reason: `speaks of the whole product (${quality})`,
    sentence,
  };
}

/** All or nothing: undefined when one of the clauses is not understood at all. */
export function reading(clauses: readonly Clause[], walk: Walk): readonly Fact[] | undefined {
  const facts: Fact[] = [];
  for (const clause of clauses) {
    const read = readClause({ ...clause, topic: clause.topic ?? walk.topic }, walk.scene);
    if (read === undefined) return undefined;
    facts.push(...read);
    walk.topic = topicOf(read) ?? walk.topic;
  }
  return facts.length === 0 ? undefined : facts;
}

/** Parts of an item that begin with a verb each. */
export function splitOnSemicolon(tokens: Tokens): readonly Tokens[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.word === ";" && token.kind === "mark") parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.map((part) => withoutConnectives(part)).filter((part) => part.length > 0);
}

/** The entity that a following `it` stands for. */
export function topicOf(facts: readonly Fact[]): string | undefined {
  for (const fact of facts) {
    if (fact.kind === "relation") return fact.holder;
    if (
      fact.kind === "field" ||
      fact.kind === "operation" ||
      fact.kind === "action" ||
      fact.kind === "unique-together" ||
      fact.kind === "initial-state"
    )
      return fact.entity;
  }
  return undefined;
}

/** A sentence that needs no feature. */
export function context(sentence: Sentence, reason: string): Fact {
  return { kind: "context", context: "background", reason, sentence: sentence.id };
}
