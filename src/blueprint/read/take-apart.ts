import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { Quality } from "../model/quality.ts";
import { qualityOf, reasonBeyondReach } from "./classify.ts";
import type { EntityDraft } from "./entity-draft.ts";
import { type Fact, unread } from "./facts.ts";
import { optionalWords } from "./phrases/quality-phrases.ts";
import { readQuality } from "./read-quality.ts";
import { wholeProduct } from "./walk.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The facts with what is not understood in sentences on the whole product, and the qualities that they state. */
export function takeApart(
  document: RequirementsDocument,
  facts: readonly Fact[],
  vocabulary: Vocabulary,
): { readonly facts: readonly Fact[]; readonly qualities: readonly Quality[] } {
  const texts = new Map(document.sentences.map((sentence) => [sentence.id, sentence.text]));
  const qualities: Quality[] = [];
  const read = facts
    .map((fact) => qualityLeft(fact, vocabulary))
    .flatMap((fact): readonly Fact[] => {
      if (fact.kind !== "context" || fact.context !== "nonfunctional") return [fact];
      const text = texts.get(fact.sentence) ?? "";
      const statement = fact.words ?? text;
      const { aspects, rest } = readQuality(statement, vocabulary);
      if (aspects.length > 0)
        qualities.push({
          sentence: fact.sentence,
          statement,
          kind: qualityOf(statement) ?? "operability",
          aspects,
          isMust: !optionalWords.test(text.toLowerCase()),
        });
      const reason = reasonBeyondReach(rest.join(" "));
      const reported: readonly Fact[] =
        reason === undefined
          ? unread(fact.sentence, rest)
          : [{ kind: "unread", sentence: fact.sentence, reason }];
      return aspects.length > 0 ? [fact, ...reported] : reported;
    });
  return { facts: read, qualities };
}

/** Qualities that name entities as the model does. */
export function named(
  qualities: readonly Quality[],
  drafts: readonly EntityDraft[],
): readonly Quality[] {
  const names = new Map(drafts.map((draft) => [draft.names.singular, draft.names.name]));
  return qualities.map((quality) => ({
    ...quality,
    aspects: quality.aspects.map((aspect) =>
      aspect.kind === "response-time" && aspect.entity !== undefined
        ? { ...aspect, entity: names.get(aspect.entity) }
        : aspect,
    ),
  }));
}

/** `..., and it must be fast` beside a feature: words left over that are a quality by themselves. */
function qualityLeft(fact: Fact, vocabulary: Vocabulary): Fact {
  const words =
    fact.kind === "unread" ? /^not understood: “([^”]+)”$/u.exec(fact.reason)?.[1] : undefined;
  if (words === undefined || reasonBeyondReach(words) !== undefined) return fact;
  const quality = qualityOf(words);
  const { aspects, rest } = readQuality(words, vocabulary);
  if (quality === undefined || aspects.length === 0 || rest.length > 0) return fact;
  return { ...wholeProduct(fact.sentence, quality), words };
}
