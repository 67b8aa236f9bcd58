import { mergeLines, reindent } from "./edit-lines.ts";
import { isTypoOf, lineSimilarity } from "./line-similarity.ts";

/** A search/replace on one file. */
export interface Edit {
  readonly old: string;
  readonly new: string;
  /** Replaces every exact occurrence; else `old` must occur once. */
  readonly all: boolean;
}

/** Where an edit's old text was found: by which reading of it. */
export type EditMatch = "exact" | "line-ends" | "quotes" | "indentation" | "similar";

export type EditOutcome =
  | {
      readonly kind: "applied";
      readonly text: string;
      readonly match: EditMatch;
      /** 1-based first line of what was replaced. */
      readonly line: number;
    }
  | {
      readonly kind: "refused";
      readonly because: "absent" | "ambiguous" | "no-change" | "empty";
      /** 1-based lines where it could have been meant; at most five. */
      readonly lines: readonly number[];
    };

const maxShownPlaces = 5;

/**
 * Applies an edit to a file's text. It is looked for exactly, then by whole lines: without trailing
 * white space, with quotes alike, with another indentation, and last by a unique similarity of more
 * than 0.9. Two places are a refusal, never a choice. Byte order mark, line ends and a missing final
 * newline stay as they are; lines that the edit does not change stay as the file has them.
 */
export function applyEdit(text: string, edit: Edit): EditOutcome {
  const old = edit.old.replaceAll("\r\n", "\n");
  const fresh = edit.new.replaceAll("\r\n", "\n");
  if (old === fresh) return refused("no-change", []);
  if (old.trim() === "") return refused("empty", []);
  const bom = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const file = new FileLines(text.slice(bom.length));
  const outcome =
    withoutFirstIndent(file, old, fresh) ??
    exactly(file, old, fresh, edit.all) ??
    byLines(file, old, fresh);
  return outcome.kind === "applied" ? { ...outcome, text: bom + outcome.text } : outcome;
}

function refused(
  because: "absent" | "ambiguous" | "no-change" | "empty",
  lines: readonly number[],
): EditOutcome {
  return { kind: "refused", because, lines: lines.slice(0, maxShownPlaces) };
}

/** A text as lines, each with the line end that it has. */
class FileLines {
  readonly lines: readonly string[];
  readonly ends: readonly string[];
  /** The line end that most lines have. */
  readonly usual: string;

  constructor(text: string) {
    const parts = text.split(/(\r\n|\n)/);
    const lines = parts.filter((_, index) => index % 2 === 0);
    const ends = parts.filter((_, index) => index % 2 === 1);
    // What follows the last line end is a line only when something stands there.
    if (lines.at(-1) === "") lines.pop();
    else ends.push("");
    this.lines = lines;
    this.ends = ends;
    const carriage = ends.filter((end) => end === "\r\n").length;
    this.usual = carriage > ends.length / 2 ? "\r\n" : "\n";
  }

  /** With every line end as a mere newline. */
  get plain(): string {
    return this.lines.map((line, index) => line + (this.ends[index] === "" ? "" : "\n")).join("");
  }

  /** The text with `count` lines from `start` on replaced. */
  replaced(start: number, count: number, by: readonly string[]): string {
    const last = start + count - 1;
    const end = this.ends[start] === "" ? this.usual : (this.ends[start] ?? this.usual);
    const middle = by.map((line, index) => {
      const isLast = index === by.length - 1;
      return line + (isLast ? (this.ends[last] ?? end) : end);
    });
    return this.#part(0, start) + middle.join("") + this.#part(last + 1, this.lines.length);
  }

  /** A text in plain line ends with the file's own again. */
  restored(plain: string): string {
    return plain.replaceAll("\n", this.usual);
  }

  #part(from: number, to: number): string {
    return this.lines
      .slice(from, to)
      .map((line, index) => line + (this.ends[from + index] ?? ""))
      .join("");
  }
}

/**
 * Text that was quoted without the indentation of its first line, and is found within that line: put
 * there as it is, only the first of the new lines would have an indentation. Undefined: not so.
 */
function withoutFirstIndent(file: FileLines, old: string, fresh: string): EditOutcome | undefined {
  if (!fresh.includes("\n") || hasBlankEdge(old) || hasBlankEdge(fresh)) return undefined;
  const { plain } = file;
  const places = occurrences(plain, old);
  const [first] = places;
  if (first === undefined || places.length > 1) return undefined;
  const before = plain.slice(plain.lastIndexOf("\n", first - 1) + 1, first);
  const after = plain[first + old.length];
  if (before === "" || before.trim() !== "" || (after !== undefined && after !== "\n"))
    return undefined;
  const outcome = byLines(file, old, fresh);
  return outcome.kind === "applied" ? outcome : undefined;
}

function hasBlankEdge(text: string): boolean {
  const lines = text.split("\n");
  return lines[0]?.trim() === "" || lines.at(-1)?.trim() === "";
}

function exactly(
  file: FileLines,
  old: string,
  fresh: string,
  all: boolean,
): EditOutcome | undefined {
  const { plain } = file;
  const places = occurrences(plain, old);
  const [first] = places;
  if (first === undefined) return undefined;
  const lines = places.map((place) => plain.slice(0, place).split("\n").length);
  if (places.length > 1 && !all) return refused("ambiguous", lines);
  const mixed = new Set(file.ends.filter((end) => end !== "")).size > 1;
  const text = mixed
    ? // Line by line, so that lines outside keep their own ends.
      places.reduceRight((now, _, index) => splice(now, old, fresh, index), textOf(file))
    : file.restored(
        places.length > 1 ? plain.replaceAll(old, () => fresh) : put(plain, first, old, fresh),
      );
  return { kind: "applied", text, match: "exact", line: lines[0] ?? 1 };
}

function put(text: string, at: number, old: string, fresh: string): string {
  return text.slice(0, at) + fresh + text.slice(at + old.length);
}

function textOf(file: FileLines): string {
  return file.lines.map((line, index) => line + (file.ends[index] ?? "")).join("");
}

/** Replaces the nth occurrence in a text with mixed line ends. */
function splice(text: string, old: string, fresh: string, index: number): string {
  const plain = text.replaceAll("\r\n", "\n");
  const at = occurrences(plain, old)[index];
  if (at === undefined) return text;
  const from = offsetIn(text, at);
  const to = offsetIn(text, at + old.length);
  const end = text.slice(from, to).includes("\r\n") ? "\r\n" : "\n";
  return text.slice(0, from) + fresh.replaceAll("\n", end) + text.slice(to);
}

/** Where in a text with carriage returns the nth character of its plain reading is. */
function offsetIn(text: string, plainOffset: number): number {
  let plain = 0;
  let at = 0;
  while (plain < plainOffset && at < text.length) {
    at += text.startsWith("\r\n", at) ? 2 : 1;
    plain += 1;
  }
  return at;
}

function occurrences(text: string, part: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length))
    places.push(at);
  return places;
}

/** What two lines must have in common to be the same line, from strict to lenient. */
const readings: readonly (readonly [EditMatch, (line: string) => string])[] = [
  ["line-ends", (line) => line.trimEnd()],
  ["quotes", (line) => plainQuotes(line.trimEnd())],
  ["indentation", (line) => plainQuotes(line.trim())],
];

function plainQuotes(line: string): string {
  return line
    .replaceAll(/[\u201C\u201D\u201E\u00AB\u00BB']/g, '"')
    .replaceAll(/[\u2018\u2019\u201A]/g, '"')
    .replaceAll(/[\u2013\u2014]/g, "-")
    .replaceAll("\u00A0", " ");
}

function byLines(file: FileLines, old: string, fresh: string): EditOutcome {
  const wanted = withoutBlankEdges(old);
  const by = fresh.trim() === "" ? [] : withoutBlankEdges(fresh);
  for (const [match, reading] of readings) {
    const starts = windows(file.lines, wanted, reading);
    if (starts.length > 1)
      return refused(
        "ambiguous",
        starts.map((start) => start + 1),
      );
    const [start] = starts;
    if (start !== undefined) return placed(file, { start, wanted, by, match });
  }
  const similar = mostSimilar(file.lines, wanted);
  if (typeof similar === "number")
    return placed(file, { start: similar, wanted, by, match: "similar" });
  return refused(similar.length > 0 ? "ambiguous" : "absent", similar);
}

function placed(
  file: FileLines,
  on: {
    readonly start: number;
    readonly wanted: readonly string[];
    readonly by: readonly string[];
    readonly match: EditMatch;
  },
): EditOutcome {
  const there = file.lines.slice(on.start, on.start + on.wanted.length);
  const by = reindent(mergeLines(on.wanted, on.by, there), on.wanted, there);
  const text = file.replaced(on.start, on.wanted.length, by);
  if (text === textOf(file)) return refused("no-change", [on.start + 1]);
  return { kind: "applied", text, match: on.match, line: on.start + 1 };
}

/** Blank lines around an edit are how it was written, not what it says. */
function withoutBlankEdges(text: string): readonly string[] {
  const lines = text.split("\n");
  while (lines.at(-1)?.trim() === "") lines.pop();
  while (lines[0]?.trim() === "") lines.shift();
  return lines;
}

function windows(
  lines: readonly string[],
  wanted: readonly string[],
  reading: (line: string) => string,
): readonly number[] {
  const there = lines.map(reading);
  const here = wanted.map(reading);
  const starts: number[] = [];
  for (let start = 0; start + here.length <= there.length; start += 1)
    if (here.every((line, index) => there[start + index] === line)) starts.push(start);
  return starts;
}

const enoughAlike = 0.9;
const maxComparedLines = 20_000;
const maxWantedLines = 400;
const minWantedCharacters = 12;

/** The start of the only window that is alike; else the 1-based lines of those that compete. */
function mostSimilar(
  lines: readonly string[],
  wanted: readonly string[],
): number | readonly number[] {
  const isComparable = lines.length <= maxComparedLines && wanted.length <= maxWantedLines;
  const size = wanted.reduce((sum, line) => sum + line.trim().length, 0);
  if (!isComparable || size < minWantedCharacters) return [];
  const here = wanted.map((line) => plainQuotes(line.trim()));
  const there = lines.map((line) => plainQuotes(line.trim()));
  const known = new Set(there.flatMap((line) => line.split(/\W+/)));
  const alike: number[] = [];
  for (let start = 0; start + here.length <= there.length; start += 1) {
    const window = there.slice(start, start + here.length);
    if (!hasAnchor(here, window)) continue;
    if (similarity(here, window) <= enoughAlike) continue;
    alike.push(start);
  }
  const [start] = alike;
  if (start === undefined) return [];
  if (alike.length > 1) return alike.map((one) => one + 1);
  const window = there.slice(start, start + here.length);
  // Another name or number is another place, not a slip of the pen.
  return here.every((line, index) => isTypoOf(line, window[index] ?? "", known)) ? start : [];
}

/** Half of the lines of a longer text must be there as they are: the rest is then cheap to compare. */
function hasAnchor(here: readonly string[], window: readonly string[]): boolean {
  if (here.length <= 2) return true;
  const same = here.filter((line, index) => line === window[index]).length;
  return same * 2 >= here.length - 1;
}

function similarity(here: readonly string[], window: readonly string[]): number {
  let sum = 0;
  let weight = 0;
  for (const [index, line] of here.entries()) {
    const size = Math.max(1, line.length);
    const value = lineSimilarity(line, window[index] ?? "");
    // One line that says something else is another place, however much else is alike.
    if (value < 0.7) return 0;
    sum += value * size;
    weight += size;
  }
  return weight === 0 ? 0 : sum / weight;
}
