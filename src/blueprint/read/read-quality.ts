import type { QualityAspect } from "../model/quality.ts";
import {
  aspectPatterns,
  figure,
  qualities,
  recordCount,
  timeLimit,
  timedWords,
  timingWords,
} from "./phrases/quality-phrases.ts";
import { singularOf } from "./names.ts";
import { tokenize } from "./tokens.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What a sentence states on the whole product, and the words that state something else. */
export interface QualityReading {
  readonly aspects: readonly QualityAspect[];
  /** Stretches of the sentence that no quality was recognised in. */
  readonly rest: readonly string[];
}

/** Takes a requirement on the whole product apart. `text`: the sentence, a table row's cells joined by ` | `. */
export function readQuality(text: string, vocabulary: Vocabulary): QualityReading {
  const readings = partsOf(withoutLabel(text)).map((part) => readPart(part, vocabulary));
  return {
    aspects: distinct(readings.flatMap((one) => one.aspects)),
    rest: readings.flatMap((one) => one.rest),
  };
}

function distinct(aspects: readonly QualityAspect[]): readonly QualityAspect[] {
  return [...new Map(aspects.map((one) => [JSON.stringify(one), one])).values()];
}

/** `Speed | ...` and `Speed: ...`: the label says nothing that the rest does not. */
function withoutLabel(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/^[\p{L} /-]{1,40} ?[|:] (?=.*\p{L})/u, "")
    .replaceAll(" | ", " ");
}

const finiteVerb =
  /\b(is|are|was|were|has|have|must|should|shall|can|may|will|does|do|\p{L}{2,}(?<!s|u|i)s) /u;
const modal = /\b(is|are|has|have|must|should|shall|can|may|will|would|could|cannot)\b/u;
const nounStart =
  /^(a|an|the|its|their|every|all|any|no|in|on|at|with|without|for|of|from|by|to|than|when|while|during|after|before|even|why|how|what|which|\d)\b/u;

/** Stretches that each state a quality; one that only goes on with the one before stays with it. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let waiting = "";
  for (const piece of text.split(/;| - | – | — |, (?:and |but |or |so )?| and | but /u)) {
    const part = piece.replace(/[.!]+$/u, "").trim();
    if (part === "") continue;
    const last = parts.at(-1);
    const stated = statesQuality(part);
    if (!stated && last === undefined && !modal.test(part)) waiting = `${waiting} ${part},`.trim();
    else if (!stated && last !== undefined && goesOn(part))
      parts[parts.length - 1] = `${last}, ${part}`;
    else {
      parts.push(`${waiting} ${part}`.trim());
      waiting = "";
    }
  }
  return waiting === "" ? parts : [...parts, waiting];
}

function goesOn(part: string): boolean {
  return nounStart.test(part) && !finiteVerb.test(`${part} `);
}

function statesQuality(part: string): boolean {
  return (
    timeLimit.test(part) ||
    figure.test(part) ||
    qualities.some(([pattern]) => pattern.test(part)) ||
    aspectPatterns.some(([pattern]) => pattern.test(part))
  );
}

function readPart(part: string, vocabulary: Vocabulary): QualityReading {
  if (timeLimit.test(part)) return readTiming(part, vocabulary);
  const size = sizeOf(part);
  if (size !== undefined) return { aspects: [{ kind: "body-limit", bytes: size }], rest: [] };
  const measured = figure.exec(part)?.[0];
  if (measured !== undefined)
    return { aspects: [{ kind: "other-measure", figure: measured }], rest: [] };
  const aspects = aspectPatterns
    .filter(([pattern]) => pattern.test(part))
    .map(([, aspect]) => aspect(part));
  if (aspects.length > 0) return { aspects, rest: [] };
  return qualities.some(([pattern]) => pattern.test(part))
    ? { aspects: [{ kind: "unmeasured", words: part }], rest: [] }
    : { aspects: [], rest: [part] };
}

const unitMs: Readonly<Record<string, number>> = { m: 1, s: 1000 };
const wordAmounts: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  "half a": 0.5,
  two: 2,
  three: 3,
  "a few": 3,
  five: 5,
  ten: 10,
};

function readTiming(part: string, vocabulary: Vocabulary): QualityReading {
  const limit = timeLimit.exec(part);
  const without = part.replace(limit?.[0] ?? "", " ");
  const count = recordCount.exec(without);
  const records = count === null ? undefined : recordsIn(count, vocabulary);
  const said =
    records === undefined || count === null ? without : without.replace(count[0], records.after);
  const operation = timedWords.find(([pattern]) => pattern.test(said));
  const rest = foreignWords(said, operation?.[0], vocabulary);
  if (rest.length > 0 || operation === undefined) return { aspects: [], rest: [part] };
  const noun = records?.entity ?? vocabulary.entityIn(said);
  return {
    aspects: [
      {
        kind: "response-time",
        limitMs: msOf(limit?.[1] ?? "", limit?.[2] ?? ""),
        records: records?.count,
        operation: operation[1] === "all" ? undefined : operation[1],
        entity: noun,
      },
    ],
    rest: [],
  };
}

function msOf(amount: string, unit: string): number {
  const value = wordAmounts[amount] ?? numberOf(amount);
  if (unit.startsWith("min")) return value * 60_000;
  return value * (/^m/.test(unit) ? (unitMs["m"] ?? 1) : 1000);
}

/** `10,000` and `10.000` are ten thousand; `1.5` is one and a half. */
function numberOf(text: string): number {
  return Number(text.replaceAll(/[.,](?=\d{3}\b)/g, "").replace(",", "."));
}

interface Records {
  readonly count: number;
  readonly entity: string | undefined;
  /** What followed the noun. */
  readonly after: string;
}

/** Undefined when what is counted is nothing that is kept: users, requests. */
function recordsIn(match: RegExpExecArray, vocabulary: Vocabulary): Records | undefined {
  const [, amount = "", thousand, nouns = ""] = match;
  const count = numberOf(amount) * (thousand === undefined ? 1 : 1000);
  const words = nouns.split(" ");
  for (let length = words.length; length > 0; length -= 1) {
    const phrase = words.slice(0, length).join(" ");
    const entity = vocabulary.entityIn(phrase);
    const general = /^(records?|entries|entry|items?|rows?)$/.test(phrase);
    if (entity === undefined && !general) continue;
    return { count, entity, after: ` ${words.slice(length).join(" ")} ` };
  }
  return undefined;
}

/** Words that do not belong to a statement on time. */
function foreignWords(
  said: string,
  operation: RegExp | undefined,
  vocabulary: Vocabulary,
): readonly string[] {
  const left = operation === undefined ? said : said.replace(operation, " ");
  const names = new Set(
    vocabulary.entities.flatMap((entity) => entity.split(" ")).map((word) => word.toLowerCase()),
  );
  return tokenize(left)
    .filter((token) => token.kind === "word" || token.kind === "quoted")
    .map((token) => token.word)
    .filter(
      (word) =>
        word !== "" &&
        !timingWords.has(word) &&
        !names.has(singularOf(word)) &&
        !timedWords.some(([pattern]) => pattern.test(word)),
    );
}

const sizeLimit =
  /\b(?:request|bod(?:y|ies)|payload|content|upload|message|post)s?\b.*?\b(\d[\d.,]*) ?(k|m|kilo|mega)i?(?:b|byte|bytes)\b|\b(\d[\d.,]*) ?(k|m|kilo|mega)i?(?:b|byte|bytes)\b.*?\b(?:request|bod(?:y|ies)|payload|content)s?\b/u;

function sizeOf(part: string): number | undefined {
  const match = sizeLimit.exec(part);
  if (match === null) return undefined;
  const amount = match[1] ?? match[3] ?? "";
  const unit = match[2] ?? match[4] ?? "";
  return numberOf(amount) * (unit.startsWith("m") ? 1024 * 1024 : 1024);
}
