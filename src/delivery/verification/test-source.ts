import { maskSource } from "./mask-source.ts";
import { pythonTests } from "./python-tests.ts";
import type { SourceTest } from "./source-test.ts";

/** The tests of a file, by its ending. Never throws; what cannot be read holds no tests. */
export function testsIn(file: string, text: string): readonly SourceTest[] {
  return file.endsWith(".py") ? pythonTests(text) : scriptTests(text);
}

const call =
  /(?<![.\w$])(?:(?:tap|t)\.)?(x|f)?(it|test|describe|suite|context)((?:\.(?:skip|only|todo|fails|failing|serial|concurrent|sequential|each|for|skipIf|runIf|extend))*)\s*(?=[(`<])/g;
const assertion =
  /\b(?:expect|assert)(?:\.\w+)*\s*(?:<[^>]*>)?\(|\bt\.(?:assert\.)?(?:is|not|true|false|truthy|falsy|ok|notOk|equal|notEqual|same|strictSame|notSame|has|hasStrict|deepEqual|notDeepEqual|strictEqual|deepStrictEqual|throws|throwsAsync|notThrows|notThrowsAsync|doesNotThrow|rejects|resolves|match|notMatch|regex|notRegex|like|snapshot|matchSnapshot|assert)\s*\(/g;
const constantExpectation = /\bexpect\(\s*(?:true|false|null|undefined|\d+|["'`]\s*["'`])\s*\)/g;
const weakAssertion =
  /\.(?:toBeDefined|toBeTruthy|toBeFalsy|not\.toBeNull|not\.toBeUndefined|not\.toThrow|toBeInstanceOf|ok)\(|\bassert(?:\.ok)?\(/g;

/** `{ skip: … }` as second argument. */
const skipOption = /^\(\s*["'`][^"'`]*["'`]\s*,\s*\{[^}]*\b(?:skip|todo)\s*:\s*(?!\s|false)/;
const maxOptionsLength = 1_000;

interface Group {
  readonly end: number;
  readonly skipped: boolean;
  readonly focused: boolean;
}

function scriptTests(text: string): readonly SourceTest[] {
  const masked = maskSource(text);
  const closing = closingBrackets(masked);
  const count = assertionCounter(masked);
  const tests: SourceTest[] = [];
  const groups: Group[] = [];
  for (const match of masked.matchAll(call)) {
    const [whole, prefix, kind = "", modifiers = ""] = match;
    const open = argumentsAt(masked, closing, match.index + whole.length, modifiers);
    const end = open === undefined ? undefined : closing.get(open);
    if (open === undefined || end === undefined) continue;
    while ((groups.at(-1)?.end ?? Infinity) < match.index) groups.pop();
    const around = groups.at(-1);
    const options = masked.slice(open, Math.min(end, open + maxOptionsLength));
    const skipped = isSkipped(prefix, modifiers, options) || around?.skipped === true;
    const focused = prefix === "f" || /\.only\b/.test(modifiers) || around?.focused === true;
    if (kind !== "it" && kind !== "test") {
      groups.push({ end, skipped, focused });
      continue;
    }
    const name = literalAfter(text, masked, open);
    tests.push({
      name: name ?? "",
      dynamic: name === undefined || /\.(?:each|for)\b/.test(modifiers),
      skipped,
      focused,
      ...count(open, end),
    });
  }
  return tests;
}

function isSkipped(prefix: string | undefined, modifiers: string, options: string): boolean {
  if (prefix === "x" || skipOption.test(options)) return true;
  return /\.(?:skip|todo|fails|failing|skipIf|runIf)\b/.test(modifiers);
}

/** Position of the bracket before the test's name: behind a table for `.each`. */
function argumentsAt(
  masked: string,
  closing: ReadonlyMap<number, number>,
  from: number,
  modifiers: string,
): number | undefined {
  let at = from;
  const tables = /\.(?:each|for|skipIf|runIf)\b/.test(modifiers) ? 1 : 0;
  for (let table = 0; table < tables; table += 1) {
    if (masked[at] === "<") at = masked.indexOf(">", at) + 1;
    const close = masked[at] === "`" ? masked.indexOf("`", at + 1) : closing.get(at);
    if (close === undefined || close === -1) return undefined;
    at = close + 1;
    while (/\s/.test(masked[at] ?? "")) at += 1;
  }
  return masked[at] === "(" ? at : undefined;
}

/** Each opening bracket with the one that closes it, in one pass. */
function closingBrackets(masked: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < masked.length; at += 1) {
    const char = masked[at];
    if (char === "(") open.push(at);
    else if (char === ")") {
      const start = open.pop();
      if (start !== undefined) found.set(start, at);
    }
  }
  return found;
}

/** The string that is the first argument; undefined when it is made at run time. */
function literalAfter(text: string, masked: string, open: number): string | undefined {
  let start = open + 1;
  while (/\s/.test(masked[start] ?? "")) start += 1;
  const quote = masked[start];
  if (quote !== '"' && quote !== "'" && quote !== "`") return undefined;
  const end = masked.indexOf(quote, start + 1);
  if (end === -1 || !/^\s*[,)]/.test(masked.slice(end + 1, end + 50))) return undefined;
  const literal = text.slice(start + 1, end);
  if (quote === "`" && literal.includes("${")) return undefined;
  return literal.replaceAll(/\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gs, unescaped);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };

function unescaped(_whole: string, escape: string): string {
  if (/^[ux]./.test(escape)) {
    const code = Number.parseInt(escape.replaceAll(/[ux{}]/g, ""), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  }
  return escapes[escape] ?? escape;
}

/** Counts what stands between two positions; the text is looked through once. */
function assertionCounter(
  masked: string,
): (from: number, to: number) => { readonly assertions: number; readonly weak: number } {
  const places = [assertion, constantExpectation, weakAssertion].map((expression) =>
    [...masked.matchAll(expression)].map((match) => match.index),
  );
  return (from, to) => {
    const [all = 0, constant = 0, weak = 0] = places.map(
      (found) => firstAtOrAfter(found, to) - firstAtOrAfter(found, from),
    );
    return { assertions: Math.max(0, all - constant), weak };
  };
}

function firstAtOrAfter(sorted: readonly number[], position: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
