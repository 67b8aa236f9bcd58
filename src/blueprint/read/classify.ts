import type { Sentence } from "../../delivery/requirements/document.ts";
import type { Fact } from "./facts.ts";
import {
  assumptionHeading,
  background,
  backgroundHeading,
  beyondReach,
  introduction,
  personaHeading,
} from "./phrases/context-phrases.ts";
import { qualities, type QualityKind } from "./phrases/quality-phrases.ts";

/** What a sentence is from which no reader made anything: context, or a gap with its reason. */
export function classify(sentence: Sentence, title: string | undefined): Fact {
  const text = sentence.text.toLowerCase();
  if (under(sentence, assumptionHeading))
    return context(sentence, "assumption", "is stated as an assumption");
  const reason = beyondReach.find(([pattern]) => pattern.test(text))?.[1];
  if (isBackground(sentence, text, title, reason))
    return context(sentence, "background", "explains why or for whom; nothing to build");
  const quality = reason === undefined ? qualityOf(sentence.text) : undefined;
  if (quality !== undefined)
    return context(sentence, "nonfunctional", `speaks of the whole product (${quality})`);
  if (under(sentence, personaHeading) && reason === undefined)
    return context(sentence, "persona", "describes people");
  return {
    kind: "unread",
    sentence: sentence.id,
    reason: reason ?? "no feature was recognised in it",
  };
}

/** True in a section that explains: what stands there is background whatever it speaks of. */
export function standsUnderBackground(sentence: Sentence): boolean {
  return under(sentence, backgroundHeading);
}

/** The quality that a sentence asks for, if it is one that the generated service has. */
export function qualityOf(text: string): QualityKind | undefined {
  const lower = text.toLowerCase();
  return qualities.find(([pattern]) => pattern.test(lower))?.[1];
}

/** Why words like these cannot be built, if that is known. */
export function reasonBeyondReach(text: string): string | undefined {
  const lower = text.toLowerCase();
  return beyondReach.find(([pattern]) => pattern.test(lower))?.[1];
}

const obligation =
  /\b(must|should|shall|can|could|may|has to|have to|able to|allows?|lets? (users|people|me|us|you)|want to (be able|see|find|sort|add)|needs? to|required|(it|service|system|app|api|product) supports?|will be able)\b/;

function isBackground(
  sentence: Sentence,
  text: string,
  title: string | undefined,
  reason: string | undefined,
): boolean {
  const inBackground = under(sentence, backgroundHeading);
  const inIntroduction = inBackground || sentence.headingPath.length <= 1;
  const obliges = obligation.test(text);
  if (inBackground && !obliges && reason === undefined) return true;
  if (background.some((pattern) => pattern.test(text)) && !obliges)
    return reason === undefined || inIntroduction;
  if (!inIntroduction || reason !== undefined || obliges) return false;
  if (/^(?!.*\bwant\b).*\b(our|we|my|i|us|everyone|nobody|everybody)\b/.test(text)) return true;
  return introduces(sentence.text, title);
}

/** `Bookmarks is a small service for ...`: what the product is, said of the product itself. */
export function introductionFact(
  sentence: Sentence,
  title: string | undefined,
): Extract<Fact, { kind: "context" }> | undefined {
  const text = sentence.text.toLowerCase();
  if (sentence.kind !== "prose" || sentence.headingPath.length > 1 || sentence.text.endsWith(":"))
    return undefined;
  if (obligation.test(text) || reasonBeyondReach(text) !== undefined) return undefined;
  const subject = introduction.exec(sentence.text)?.[1]?.toLowerCase() ?? "";
  if (/^(it|they)$/.test(subject) || !introduces(sentence.text, title)) return undefined;
  if (!describing.test(text)) return undefined;
  return context(sentence, "background", "says what the product is");
}

/** `is a small service`, `helps readers`: not `are faxed`, which is done to what is kept. */
const describing =
  / ((is|are) (a|an|the|for|about|where|how|our|my|meant|intended|used|made|there)|helps?|replaces|supports?|remembers?|keeps? track|collects?|gathers) /;

const productWords =
  /^(it|they|this|(the|this|our|a|an) ([\p{L}-]+ ){0,3}(service|app|application|system|product|tool|api|program|software|list|catalog|catalogue|register|diary|tracker|backend|store|collection)|the (aim|goal))$/u;

function introduces(text: string, title: string | undefined): boolean {
  const subject = introduction.exec(text)?.[1]?.toLowerCase();
  if (subject === undefined) return false;
  if (productWords.test(subject)) return true;
  // A product is often called after what it keeps: only a description is said of the product.
  return (
    title !== undefined &&
    isTitle(subject, title.toLowerCase()) &&
    describing.test(text.toLowerCase())
  );
}

function under(sentence: Sentence, heading: RegExp): boolean {
  // The title is no section: `Reading history` would make everything background.
  return sentence.headingPath.slice(1).some((one) => heading.test(one.toLowerCase()));
}

function context(
  sentence: Sentence,
  kind: Extract<Fact, { kind: "context" }>["context"],
  reason: string,
): Extract<Fact, { kind: "context" }> {
  return { kind: "context", context: kind, reason, sentence: sentence.id };
}

/** `The bookmarks service` under the title `Bookmarks`; short titles prove nothing. */
function isTitle(subject: string, title: string): boolean {
  const plain = subject.replace(/^(the|our|this) /, "");
  return (
    title.length > 3 &&
    (plain === title || plain.startsWith(`${title} `) || title.startsWith(`${plain} `))
  );
}
