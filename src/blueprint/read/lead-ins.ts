import type { Sentence } from "../../delivery/requirements/document.ts";
import { headingNoun } from "./find-entities.ts";
import { choicePhrases } from "./phrases/rule-phrases.ts";
import {
  announcement,
  fieldNouns,
  havePhrases,
  keeperVerbs,
  modalPhrases,
  possibilityPhrases,
} from "./phrases/sentence-phrases.ts";
import { actorName } from "./active-start.ts";
import type { Scene } from "./scene.ts";
import { tokenize, type Tokens, wordAt } from "./tokens.ts";

/** What the items under a sentence are. */
export type Lead =
  | { readonly kind: "fields"; readonly entity: string; readonly stance: "plain" | "must" | "may" }
  | {
      readonly kind: "operations";
      readonly actor: string | undefined;
      readonly entity: string | undefined;
    }
  | { readonly kind: "values" }
  | { readonly kind: "sentences"; readonly entity: string | undefined };

/** Reads a sentence that stands above a list: `A bookmark has:`, `A reader can:`, `Rules:`. */
export function leadOf(text: string, scene: Scene, topic: string | undefined): Lead {
  const all = tokenize(text);
  const tokens = all.at(-1)?.word === ":" ? all.slice(0, -1) : all;
  return (
    fieldLead(tokens, scene, topic) ??
    valueLead(tokens) ??
    operationLead(tokens, scene) ?? { kind: "sentences", entity: scene.vocabulary.firstIn(tokens) }
  );
}

function fieldLead(tokens: Tokens, scene: Scene, topic: string | undefined): Lead | undefined {
  const entity = scene.subjectAt(tokens, 0, topic);
  if (entity !== undefined) {
    if (entity.length === tokens.length)
      return { kind: "fields", entity: entity.value, stance: "plain" };
    const have = havePhrases.at(tokens, entity.length);
    if (have !== undefined && onlyAnnounces(tokens.slice(entity.length + have.length)))
      return { kind: "fields", entity: entity.value, stance: have.value };
    if (tokens.slice(entity.length).every((token) => fieldNouns.has(token.word)))
      return { kind: "fields", entity: entity.value, stance: "plain" };
  }
  const named = scene.vocabulary.firstIn(tokens) ?? topic;
  if (named === undefined) return undefined;
  const keeps = tokens.some((_, at) => keeperVerbs.at(tokens, at) !== undefined);
  const nouns = tokens.some((token) => fieldNouns.has(token.word));
  const verbs = tokens.some((_, at) => modalPhrases.at(tokens, at) !== undefined);
  if (keeps || (nouns && !verbs)) return { kind: "fields", entity: named, stance: "plain" };
  return undefined;
}

function onlyAnnounces(tokens: Tokens): boolean {
  return (
    tokens.length === 0 ||
    announcement.at(tokens, 0) !== undefined ||
    tokens.every(
      (token) =>
        fieldNouns.has(token.word) || /^(the|these|following|of|some|all)$/.test(token.word),
    )
  );
}

function valueLead(tokens: Tokens): Lead | undefined {
  const at = tokens.findIndex((_, index) => {
    const match = choicePhrases.at(tokens, index);
    return match !== undefined && index + match.length >= tokens.length;
  });
  return at < 0 ? undefined : { kind: "values" };
}

function operationLead(tokens: Tokens, scene: Scene): Lead | undefined {
  const entity = scene.vocabulary.firstIn(tokens);
  for (let at = 0; at < tokens.length; at += 1) {
    const modal = modalPhrases.at(tokens, at) ?? possibilityPhrases.at(tokens, at);
    if (modal === undefined || at + modal.length < tokens.length) continue;
    return {
      kind: "operations",
      actor: actorName(wordAt(tokens, 0) === "as" ? storyActor(tokens) : tokens.slice(0, at)),
      entity,
    };
  }
  const words = tokens.map((token) => token.word).join(" ");
  if (
    /\b(operations?|actions?|features?|functions?|functionality|can do|may do|wants? to do|possible|things to do|use cases?|do with)\b/.test(
      words,
    )
  )
    return { kind: "operations", actor: undefined, entity };
  return undefined;
}

function storyActor(tokens: Tokens): Tokens {
  const end = tokens.findIndex((token) => /^(i|we|,)$/.test(token.word));
  return tokens.slice(1, end < 0 ? 1 : end);
}

/** What a heading says about the items right below it. */
export function leadOfHeading(sentence: Sentence, scene: Scene): Lead {
  const heading = sentence.headingPath.at(-1);
  if (heading === undefined) return { kind: "sentences", entity: undefined };
  const noun = headingNoun(heading);
  const entity =
    noun === undefined ? undefined : scene.vocabulary.entities.includes(noun) ? noun : undefined;
  const tokens = tokenize(heading);
  return { kind: "sentences", entity: entity ?? scene.vocabulary.firstIn(tokens) };
}

const condition =
  /(^|[ ,])((if|when|whenever|while|unless|until|only if|as long as|on (mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?)|(before|after|during|within|between|at) (the |a |an )?\p{L}+|every (monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|evening|night|day|week|month|year|hour)|once a \p{L}+) ?[^,:]{0,60})/u;

const ownWish =
  /^(.{1,120}\b(must|should|shall|may|can|will|is|are|has|have) \p{L}[^,]{1,80}), (and|but|so) /u;

/** What a lead-in says besides announcing the items: a condition on all of them, or a wish of its own. */
export function moreThanLead(text: string): string | undefined {
  const lower = text.toLowerCase();
  const own = ownWish.exec(lower)?.[1];
  if (own !== undefined) return own;
  return condition.exec(lower)?.[2]?.trim();
}
