import type { Story } from "../../backlog/backlog.ts";
import { storyWords, wordsOf } from "./story-words.ts";
import type { FileSymbol, SymbolReader } from "./symbols.port.ts";

/** What a first prompt says about one file. */
export interface MappedFile {
  readonly path: string;
  /** `src/cart.ts: 3 function addItem; 7 class Cart`; at most 300 characters. */
  readonly line: string;
}

/** Files that a map is made from. */
export interface MappableFiles {
  readonly paths: readonly string[];
  /** Undefined: there is no such file, or it cannot be read. */
  read(path: string): Promise<Uint8Array | undefined>;
}

const maxSearchedFiles = 200;
const maxSearchedBytes = 1024 * 1024;
const maxFileBytes = 128 * 1024;
const maxParsedFiles = 12;
const maxMappedFiles = 8;
const maxLineCharacters = 300;
const maxPathCharacters = 160;
const pathWeight = 3;
const nameWeight = 2;

interface Candidate {
  readonly path: string;
  readonly text: string;
  /** What its path and its text have in common with the story. */
  readonly score: number;
  readonly isNamed: boolean;
}

/**
 * The symbols of the files that a story seems to be about: those that share rare words with it in
 * their path or in what they declare, the best first. All its bounds count files, bytes and words
 * and never time, so that a resumed attempt makes the same map.
 */
export async function symbolMap(
  reader: SymbolReader,
  files: MappableFiles,
  story: Story,
  signal: AbortSignal,
): Promise<readonly MappedFile[]> {
  const words = storyWords(story);
  const texts = await searched(reader, files, words, signal);
  const weights = rarity(words, texts);
  const best = texts
    .map((one) => candidate(one, weights))
    .filter(({ score }) => score > 0)
    .sort(byScore)
    .slice(0, maxParsedFiles);
  const mapped: (MappedFile & { readonly score: number })[] = [];
  for (const one of best) {
    signal.throwIfAborted();
    const symbols = await reader.symbolsOf(one.path, one.text);
    const shared = symbols.map((symbol) => weightOf(wordsOf(symbol.name), weights));
    const score = one.score + nameWeight * Math.max(0, ...shared);
    if (symbols.length === 0 || (!one.isNamed && score === one.score)) continue;
    const line = `${one.path}: ${symbolLine(symbols, maxLineCharacters - one.path.length - 2, shared)}`;
    mapped.push({ path: one.path, line, score });
  }
  const shown = mapped.sort(byScore).slice(0, maxMappedFiles);
  return shown.map(({ path, line }) => ({ path, line }));
}

/** Symbols as `3 function a; 7 class B`; where there is no room for all, those that weigh most. */
export function symbolLine(
  symbols: readonly FileSymbol[],
  maxCharacters: number,
  weights: readonly number[] = [],
): string {
  const words = symbols.map(({ line, kind, name }) => `${line} ${kind} ${name}`);
  const order = [...words.keys()].sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  const kept = new Set<number>();
  let used = " ...".length;
  for (const index of order) {
    used += (words[index]?.length ?? 0) + 2;
    if (used > maxCharacters) break;
    kept.add(index);
  }
  const shown = words.filter((_, index) => kept.has(index)).join("; ");
  return kept.size === words.length ? shown : `${shown} ...`;
}

interface Text {
  readonly path: string;
  readonly text: string;
}

/** Files whose paths share a word with the story come first: not all may be looked into. */
async function searched(
  reader: SymbolReader,
  files: MappableFiles,
  words: readonly string[],
  signal: AbortSignal,
): Promise<readonly Text[]> {
  const wanted = new Set(words);
  const shares = (path: string): number => wordsOf(path).filter((one) => wanted.has(one)).length;
  const paths = files.paths
    .filter((path) => reader.understands(path) && isPlain(path))
    .map((path) => ({ path, score: shares(path) }))
    .sort(byScore)
    .slice(0, maxSearchedFiles);
  const texts: Text[] = [];
  let bytesRead = 0;
  for (const { path } of words.length === 0 ? [] : paths) {
    signal.throwIfAborted();
    // A link or a pipe among the files is no reason to have no map.
    const bytes = await files.read(path).catch(() => undefined);
    if (bytes === undefined || bytes.length > maxFileBytes) continue;
    bytesRead += bytes.length;
    if (bytesRead > maxSearchedBytes) break;
    texts.push({ path, text: new TextDecoder().decode(bytes) });
  }
  return texts;
}

function isPlain(path: string): boolean {
  return path.length <= maxPathCharacters && !/[\p{Cc}\p{Cf}]/u.test(path);
}

/** A word that every file holds says nothing about any of them. */
function rarity(words: readonly string[], texts: readonly Text[]): ReadonlyMap<string, number> {
  const lower = texts.map(({ path, text }) => `${path}\n${text}`.toLowerCase());
  return new Map(
    words.map((word) => {
      const holders = lower.filter((one) => one.includes(word)).length;
      return [word, holders === 0 ? 0 : Math.log(1 + texts.length / holders)];
    }),
  );
}

function candidate({ path, text }: Text, weights: ReadonlyMap<string, number>): Candidate {
  const inPath = weightOf(wordsOf(path), weights);
  const lower = text.toLowerCase();
  let inText = 0;
  for (const [word, weight] of weights) if (lower.includes(word)) inText += weight;
  return { path, text, score: pathWeight * inPath + inText, isNamed: inPath > 0 };
}

function weightOf(words: readonly string[], weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const word of new Set(words)) sum += weights.get(word) ?? 0;
  return sum;
}

/** Ties by path, so that the order never depends on anything else. */
function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || (a.path < b.path ? -1 : 1);
}

interface Scored {
  readonly path: string;
  readonly score: number;
}
