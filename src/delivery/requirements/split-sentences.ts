/** Part of a text: `start` inclusive, `end` exclusive, without surrounding space. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Words whose final point ends no sentence. `etc.` is absent: a capital after it starts one. */
const abbreviations = new Set(
  "e.g i.e eg ie cf vs approx incl excl max min resp no nr fig ca mr mrs dr prof st al dept tel ext".split(
    " ",
  ),
);

// A run is matched as a whole and looked behind by hand: a pattern with a look-ahead would be quadratic on "......".
const terminator = /[.!?…。！？]+/gu;
const closing = /["'”’)\]»]/u;
const maxClosing = 4;
const wordBefore = /[\p{L}\p{N}.]+$/u;
const maxWordLength = 40;

function endsInAbbreviation(text: string, at: number): boolean {
  const word = wordBefore.exec(text.slice(Math.max(0, at - maxWordLength), at))?.[0] ?? "";
  // A single capital is an initial, except the pronoun.
  if (/^\p{Lu}$/u.test(word)) return word !== "I";
  return abbreviations.has(word.toLowerCase());
}

/** Where the sentence ends whose final mark is `mark` at `at`; undefined when it does not end there. */
function endOfSentence(text: string, at: number, mark: string): number | undefined {
  let end = at + mark.length;
  const last = end + maxClosing;
  while (end < last && closing.test(text[end] ?? "")) end += 1;
  if (end >= text.length) return text.length;
  if (!/\s/u.test(text[end] ?? "")) return undefined;
  if (mark === "." && endsInAbbreviation(text, at)) return undefined;
  return /^\p{Ll}$/u.test(nextVisible(text, end)) ? undefined : end;
}

function nextVisible(text: string, from: number): string {
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character !== undefined && !/[\s"'“‘(«]/u.test(character)) return character;
  }
  return "";
}

function trimmed(text: string, start: number, end: number): Span | undefined {
  let from = start;
  let to = end;
  while (from < to && /\s/u.test(text[from] ?? "")) from += 1;
  while (to > from && /\s/u.test(text[to - 1] ?? "")) to -= 1;
  return from < to ? { start: from, end: to } : undefined;
}

/** Splits running text at the ends of sentences; decimals, file names, addresses and abbreviations do not end one. */
export function splitSentences(text: string): readonly Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const match of text.matchAll(terminator)) {
    const end = endOfSentence(text, match.index, match[0]);
    if (end === undefined) continue;
    const span = trimmed(text, start, end);
    if (span !== undefined) spans.push(span);
    start = end;
  }
  const rest = trimmed(text, start, text.length);
  return rest === undefined ? spans : [...spans, rest];
}
