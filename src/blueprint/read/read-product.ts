import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type {
  AccessRule,
  ContextSentence,
  NotUnderstood,
  ProductModel,
} from "../model/product-model.ts";
import { buildEntities } from "./build-entities.ts";
import { doubtBackground } from "./doubt-background.ts";
import { doubtFields } from "./doubt-fields.ts";
import { named, takeApart } from "./take-apart.ts";
import { finishEntity } from "./entity-draft.ts";
import { gatherWishes } from "./gather-wishes.ts";
import { type Wishes } from "./gathered-wishes.ts";
import type { Fact } from "./facts.ts";
import { findEntities } from "./find-entities.ts";
import { isMostlyForeign, onlyEnglish } from "./language.ts";
import { asksBack } from "./questions.ts";
import { indefinite, slugOf, upperFirst } from "./names.ts";
import { orderEntities, orderFeatures } from "./order-features.ts";
import { Decisions, type ProductReading } from "./reading.ts";
import { readStatements } from "./read-statements.ts";
import { Scene } from "./scene.ts";
import { Vocabulary } from "./vocabulary.ts";

/** What the document asks for, as far as it was understood; the rest is named in `notUnderstood`. Deterministic. */
export function readProduct(document: RequirementsDocument): ProductModel {
  return understand(document).model;
}

/** As `readProduct`, with the assumptions, ambiguities and contradictions met on the way. Throws BlueprintError beyond the bounds of one product. */
export function understand(document: RequirementsDocument): ProductReading {
  if (isMostlyForeign(document)) return unreadReading(document);
  const nouns = findEntities(document);
  const vocabulary = new Vocabulary(nouns.described.length > 0 ? nouns.described : nouns.mentioned);
  const decisions = new Decisions();
  const believed = doubtFields(document, readTwice(document, vocabulary));
  const proven = doubtBackground(document, believed, vocabulary.entities);
  const { facts: read, qualities } = takeApart(document, proven, vocabulary);
  const facts = withAssumedNames(read, nouns.described, decisions);
  const described = vocabulary.entities.filter((noun) =>
    facts.some((fact) => fact.kind === "field" && fact.entity === noun),
  );
  const built = buildEntities(described, withKnownEntities(facts, described, decisions), decisions);
  const drafts = orderEntities(built);
  const wishes = drafts.map((draft) => gatherWishes(draft, facts, decisions));
  const entities = drafts.map(finishEntity);
  const access = accessOf(facts);
  const title = titleOf(document);
  const features = orderFeatures(wishes, entities, access, title, decisions);
  for (const fact of facts)
    if (fact.kind === "unread") decisions.report(fact.sentence, fact.reason);
  reportUnused(document, facts, features, decisions);
  for (const sentence of document.sentences.filter(asksBack))
    decisions.leaveOpen(sentence.id, sentence.text);
  const model: ProductModel = {
    title,
    slug: slugOf(title),
    summary: summaryOf(document, facts, wishes),
    entities,
    access,
    features,
    notUnderstood: notUnderstoodOf(document, decisions),
    context: contextOf(facts),
    qualities: named(qualities, drafts),
  };
  return {
    model,
    assumptions: decisions.assumptions,
    ambiguities: decisions.ambiguities,
    contradictions: decisions.contradictions,
  };
}

/** A document in another language is not half-read: every sentence of it is reported. */
function unreadReading(document: RequirementsDocument): ProductReading {
  const title = titleOf(document);
  const model: ProductModel = {
    title,
    slug: slugOf(title),
    summary: "The document is not in English, and only English is read.",
    entities: [],
    access: { kind: "open" },
    features: [],
    notUnderstood: document.sentences.map(({ id }) => ({ sentence: id, reason: onlyEnglish })),
    context: [],
  };
  return { model, assumptions: [], ambiguities: [], contradictions: [] };
}

/** The first pass finds the fields, so that the second knows their names wherever they stand. */
function readTwice(document: RequirementsDocument, vocabulary: Vocabulary): readonly Fact[] {
  const first = readStatements(document, new Scene(vocabulary, []));
  return readStatements(document, new Scene(vocabulary, first));
}

/** A document that describes no entity at all may still ask to keep some: they get a name, and that is said. */
function withAssumedNames(
  facts: readonly Fact[],
  described: readonly string[],
  decisions: Decisions,
): readonly Fact[] {
  if (described.length > 0) return facts;
  const kept = new Map<string, string>();
  for (const fact of facts) {
    if (
      fact.kind === "operation" &&
      (fact.verb === "create" || fact.verb === "manage") &&
      !kept.has(fact.entity)
    )
      kept.set(fact.entity, fact.sentence);
  }
  const names = [...kept].map(([entity, sentence]): Fact => {
    decisions.assume(
      `${upperFirst(indefinite(entity))} has a name of at most 200 characters and nothing else: the document does not say what it consists of.`,
      `${upperFirst(indefinite(entity))} with a name is accepted, without one refused.`,
    );
    return {
      kind: "field",
      entity,
      label: "name",
      rules: [
        { kind: "flag", flag: "required" },
        { kind: "bound", of: "characters", maximum: 200 },
      ],
      stance: "must",
      sentence,
    };
  });
  return [...names, ...facts];
}

/** Facts about things of which no field is known cannot be built. */
function withKnownEntities(
  facts: readonly Fact[],
  described: readonly string[],
  decisions: Decisions,
): readonly Fact[] {
  return facts.filter((fact) => {
    const entity =
      fact.kind === "operation" || fact.kind === "action" || fact.kind === "initial-state"
        ? fact.entity
        : undefined;
    if (entity === undefined || described.includes(entity)) return true;
    decisions.report(
      fact.sentence,
      `the document does not say what ${indefinite(entity)} consists of`,
    );
    return false;
  });
}

function accessOf(facts: readonly Fact[]): AccessRule {
  const said = facts.filter((fact) => fact.kind === "access");
  if (said.length === 0) return { kind: "open" };
  return {
    kind: "token",
    publicReads: said.some((fact) => fact.publicReads === true),
    sentences: [...new Set(said.map((fact) => fact.sentence))],
  };
}

const maxTitleLength = 80;

function titleOf(document: RequirementsDocument): string {
  const title = (document.title ?? "")
    .replace(
      /^(product |software |functional )?(requirements?|specification|prd|brief|user stories)( document)?( for| of)?( the| a| an)?[:\s–—-]*/i,
      "",
    )
    .replace(
      /[\s:–—-]*\b(product |software |functional )?(requirements?( document)?|specification|prd)\s*$/i,
      "",
    )
    .trim();
  return title === "" ? "Product" : title.slice(0, maxTitleLength);
}

function summaryOf(
  document: RequirementsDocument,
  facts: readonly Fact[],
  wishes: readonly Wishes[],
): string {
  const background = facts.find((fact) => fact.kind === "context" && fact.context === "background");
  const sentence = document.sentences.find(
    (one) => one.id === background?.sentence && one.text.length > 20 && !one.text.endsWith(":"),
  );
  if (sentence !== undefined) return sentence.text;
  const things = wishes.map((one) => one.draft.names.plural);
  return things.length === 0 ? "Nothing to keep was recognised." : `Keeps ${things.join(", ")}.`;
}

/** Sentences that were read but lead to nothing, such as a page size without a list. */
function reportUnused(
  document: RequirementsDocument,
  facts: readonly Fact[],
  features: ProductModel["features"],
  decisions: Decisions,
): void {
  const used = new Set([
    ...features.flatMap((feature) => feature.sentences),
    ...facts.filter((fact) => fact.kind === "context").map((fact) => fact.sentence),
    ...decisions.unread.keys(),
  ]);
  for (const sentence of document.sentences) {
    if (!used.has(sentence.id))
      decisions.report(sentence.id, "speaks of something that nothing else asks for");
  }
}

function notUnderstoodOf(
  document: RequirementsDocument,
  decisions: Decisions,
): readonly NotUnderstood[] {
  return document.sentences.flatMap((sentence) => {
    const reasons = decisions.unread.get(sentence.id);
    return reasons === undefined ? [] : [{ sentence: sentence.id, reason: reasons.join("; ") }];
  });
}

function contextOf(facts: readonly Fact[]): readonly ContextSentence[] {
  return facts.flatMap((fact) =>
    fact.kind === "context"
      ? [{ sentence: fact.sentence, kind: fact.context, reason: fact.reason }]
      : [],
  );
}
