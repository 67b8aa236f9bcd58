import {
  betweenSubjectAndVerb,
  complaint,
  noVerbs,
  productNoun,
  statusQuo,
  strongWishWords,
  summaryVerbs,
  wishWords,
} from "./phrases/wish-phrases.ts";

/**
 * Why a sentence that looks like background may ask for something; undefined when it provably does
 * not: it wishes for nothing, or for the product as a whole, and says no more of the product than
 * that it keeps and finds things. `text` is the sentence; `names`: what the product is called.
 */
export function wishIn(text: string, names: readonly string[]): string | undefined {
  const lower = plain(text);
  const told = aimOf(lower);
  const status = statusQuo.test(lower);
  for (const part of partsOf(told.text)) {
    const wish = wishInPart(part, status, told.isAim);
    if (wish !== undefined) return `asks for something (“${wish}”) and no feature was recognised`;
  }
  const behaviour =
    behaviourOf(told.text, names) ?? (told.isAim ? aimedAt(told.text, told.isToDo) : undefined);
  if (behaviour !== undefined)
    return `says that the product “${behaviour}”, and no feature was recognised`;
  return undefined;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("’", "'")
    .replaceAll(/[^\p{L}\p{N}',;:?!.()–—-]+/gu, " ")
    .trim();
}

const aimLabel =
  /^(?:the |our |my )?(?:purpose|goal|aim|idea|vision|point|intention|hope|wish|plan)s?(?: (?:of|behind) (?:\p{L}+ ){0,3}\p{L}+)? ?(?::|[–—-] |is (?:that |to )?|was (?:that |to )?)/u;

interface Aim {
  readonly text: string;
  readonly isAim: boolean;
  /** The text begins with what is to be done. */
  readonly isToDo: boolean;
}

/** `Goal: ...` and `The purpose of the tool is to ...` tell of the product that is wished for. */
function aimOf(text: string): Aim {
  const label = aimLabel.exec(text)?.[0];
  if (label === undefined) return { text, isAim: false, isToDo: false };
  return { text: text.slice(label.length).trim(), isAim: true, isToDo: label.endsWith("to ") };
}

const productFirst = new RegExp(
  `^(?:a|an|the|one|our) (?:[\\p{L}-]+ ){0,4}?(?:${productNoun})\\b`,
  "u",
);

/** What is aimed at, unless it is the product itself or what a service with records does anyway. */
function aimedAt(text: string, isToDo: boolean): string | undefined {
  if (productFirst.test(text)) return undefined;
  const words = wordsOf(text);
  if (isToDo) return summaryVerbs.has(words[0] ?? "") ? laterVerb(words, 0) : phraseAt(words, 0);
  const verb = words.findIndex(
    (word, at) =>
      at > 0 && afterVerb.has(words[at + 1] ?? "") && !noVerbs.has(word) && !afterVerb.has(word),
  );
  if (verb < 0) return undefined;
  return summaryVerbs.has(words[verb] ?? "") ? laterVerb(words, verb) : phraseAt(words, 0);
}

/** Stretches that can wish by themselves. */
function partsOf(text: string): readonly string[] {
  return text
    .split(/[;:]| [–—-] |, (?:and|but|so|yet|or|because|which is why) |,? but /u)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

const relativeWish =
  /\b(?:that|which|what|who|whom|where|how|why) (?:a |an |the |each |every |our |my )?(?:we|i|you|they|people|somebody|everybody|nobody|\p{L}+) (?:wants?|needs?|likes?|can|cannot|must|have to|has to|may|should|could)\b/u;

const productWish = new RegExp(
  `^(?:that is why |therefore |so |hence )?(?:we|i|(?:our|my|the) (?:\\p{L}+ ){1,3}?)(?: ?(?:really|all|badly|just))? ?(?:am |are |is )?(?:need|needs|want|wants|would like|would love|'d like|'d love|looking for|wish for|hoping for|could use|would like to have|want to have|in need of) (?:a|an|some|one|something|our own) ?(?:[\\p{L}-]+ ){0,5}?(?:${productNoun})?(?: (?:for|of|about|with|in|on|around) [^,]{1,80})?[.!]?$`,
  "u",
);

const productHelp = new RegExp(
  `^(?:(?:a|an|the|this|that|such a|it)) ?(?:[\\p{L}-]+ ){0,4}?(?:(?:${productNoun}) )?would (?:really |certainly |already )?(?:help|be (?:nice|great|good|a relief|useful|helpful)|save|make (?:my|our) life)(?: (?!if\\b|that\\b|when\\b|to\\b)[\\p{L}-]+){0,6}[.!]?$`,
  "u",
);

/** The words of a part by which it wishes for more than the product as a whole. */
function wishInPart(part: string, status: boolean, isAim: boolean): string | undefined {
  const words = status && !isAim ? strongWishWords : wishWords;
  const found = words.exec(part.replace(relativeWish, " "));
  if (found === null) return undefined;
  if (complaint.test(part)) return undefined;
  if (productHelp.test(part) && !/\b(that|which|who) /.test(part)) return undefined;
  if (productWish.test(part) && !/\b(that|which|who|to|when|if|whenever) /.test(part))
    return undefined;
  if (productWish.test(withoutSummary(part))) return undefined;
  return found[0];
}

const summaryTail = new RegExp(
  `\\b(?:that|which|to|in which (?:\\p{L}+ ){1,2}|with which (?:\\p{L}+ ){1,2}|where (?:\\p{L}+ ){1,2}) ?(${[...summaryVerbs].join("|")}) [^,]{1,80}$`,
  "u",
);

/** `a tool that keeps our notes` is a tool; what else it is to do is not taken off. */
function withoutSummary(part: string): string {
  const tail = summaryTail.exec(part);
  if (tail === null || behaviourAfter(tail[0]) !== undefined) return part;
  return part.slice(0, tail.index).trim();
}

/** A verb that somebody says of the product and that no summary has. */
function behaviourOf(text: string, names: readonly string[]): string | undefined {
  for (const clause of clausesOfProduct(text, names)) {
    const behaviour = behaviourAfter(clause);
    if (behaviour !== undefined) return behaviour;
  }
  return undefined;
}

/** What is said of the product, from its verb on. */
function clausesOfProduct(text: string, names: readonly string[]): readonly string[] {
  const called = names
    .map((name) => name.toLowerCase().replaceAll(/[^\p{L}\p{N} ]+/gu, ""))
    .filter((name) => name.length > 3);
  const starts = ["it", ...called.flatMap((name) => [name, `the ${name}`])].join("|");
  const atStart = new RegExp(`^(?:${starts}) (.+)$`, "u").exec(text)?.[1];
  const inside = [
    ...text.matchAll(
      new RegExp(
        `\\b(?:the|this|our|a|an|that|some|any) (?:[\\p{L}-]+ ){0,4}?(?:${productNoun}) ([^,;]+)`,
        "gu",
      ),
    ),
  ].map((match) => match[1] ?? "");
  const bare = [...text.matchAll(/\b(?:something|anything) ([^,;]+)/gu)].map(
    (match) => match[1] ?? "",
  );
  return [...(atStart === undefined ? [] : [atStart]), ...inside, ...bare];
}

/** The first words of a clause on the product that are no summary of it. */
function behaviourAfter(clause: string): string | undefined {
  const words = wordsOf(clause);
  const at = words.findIndex((word) => !betweenSubjectAndVerb.has(word));
  const verb = words[at] ?? "";
  if (verb === "") return undefined;
  if (verb === "that" || verb === "which" || verb === "who")
    return behaviourAfter(words.slice(at + 1).join(" "));
  const relative = words.findIndex((word) => word === "that" || word === "which");
  if (noVerbs.has(verb)) return undefined;
  if (!summaryVerbs.has(verb) && looksLikeVerb(words, at)) return phraseAt(words, at);
  if (/^(help|helps)$/.test(verb)) return helpWith(words, at);
  if (/^(is|are|was|be)$/.test(verb) && relative > at && /^(a|an|the)$/.test(words[at + 1] ?? ""))
    return relativeBehaviour(words, relative);
  if (/^(know|knows|remember|remembers|record|records)$/.test(verb) && words[at + 1] === "who")
    return phraseAt(words, at);
  return laterVerb(words, at);
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{N}'-]+/u).filter((word) => word !== "");
}

/** `that reads handwriting`; with a subject of its own (`that a reader wants`) it tells of people. */
function relativeBehaviour(words: readonly string[], relative: number): string | undefined {
  const verb = words[relative + 1] ?? "";
  if (!/s$/.test(verb) || summaryVerbs.has(verb)) return laterVerb(words, relative + 1);
  return phraseAt(words, relative + 1);
}

/** `helps teams vote`: what one is helped with is a summary, too, or it is asked for. */
function helpWith(words: readonly string[], at: number): string | undefined {
  const rest = words.slice(at + 1, at + 6);
  const summary = rest.some((word) => summaryVerbs.has(word) || /^(with|in|when|by)$/.test(word));
  return summary || rest.length <= 1 ? undefined : phraseAt(words, at);
}

const afterVerb = new Set(
  "the a an it them us me him her everyone everybody people their my our your its when if who what how where on every each aloud to at as themselves itself myself ourselves yourself".split(
    " ",
  ),
);

function looksLikeVerb(words: readonly string[], at: number): boolean {
  const word = words[at] ?? "";
  return /(?<!s)s$/.test(word) || afterVerb.has(words[at + 1] ?? "");
}

/** `keeps notes and reads them aloud`: a second verb behind `and`. */
function laterVerb(words: readonly string[], from: number): string | undefined {
  for (let at = from + 1; at + 1 < words.length; at += 1) {
    if (words[at] !== "and" && words[at] !== "then") continue;
    const next = betweenSubjectAndVerb.has(words[at + 1] ?? "") ? at + 2 : at + 1;
    const word = words[next] ?? "";
    if (!/(?<!s)s$/.test(word) || summaryVerbs.has(word)) continue;
    if (afterVerb.has(words[next + 1] ?? "")) return phraseAt(words, next);
  }
  return undefined;
}

function phraseAt(words: readonly string[], at: number): string {
  return words.slice(at, at + 4).join(" ");
}
