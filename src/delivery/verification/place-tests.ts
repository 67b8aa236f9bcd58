import { testsIn } from "./test-source.ts";
import type { TestCaseResult } from "./toolchain.ts";

/** How ava joins a file's short name and a test's. */
const joiner = " › ";

/**
 * Results of a runner that names no files, each in the file in which a test of its name stands. With
 * several such files the one is taken that the runner's short name for it fits; with none, the result
 * keeps the name that the runner gave it.
 */
export function placedTests(
  results: readonly TestCaseResult[],
  sources: ReadonlyMap<string, string>,
): readonly TestCaseResult[] {
  if (results.every((one) => one.file !== "")) return results;
  const byName = new Map<string, string[]>();
  const dynamic: string[] = [];
  for (const [file, text] of sources) {
    const tests = testsIn(file, text);
    if (tests.some((test) => test.dynamic)) dynamic.push(file);
    for (const { name } of tests) byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return results.map((one) => (one.file === "" ? placed(one, byName, dynamic) : one));
}

function placed(
  result: TestCaseResult,
  byName: ReadonlyMap<string, readonly string[]>,
  dynamic: readonly string[],
): TestCaseResult {
  const words = result.name.split(joiner);
  // A title may hold the joiner itself: the longest that is known counts.
  for (let at = 0; at < words.length; at += 1) {
    const name = words.slice(at).join(joiner);
    const files = byName.get(name) ?? [];
    const file = files.length > 1 ? bestFit(files, words.slice(0, at)) : files[0];
    if (file !== undefined) return { ...result, file, name };
  }
  const [short, ...rest] = words;
  const file = rest.length === 0 ? only(dynamic) : bestFit(dynamic, [short ?? ""]);
  return file === undefined ? result : { ...result, file, name: rest.join(joiner) || result.name };
}

function only(files: readonly string[]): string | undefined {
  return files.length === 1 ? files[0] : undefined;
}

function bestFit(files: readonly string[], short: readonly string[]): string | undefined {
  const wanted = short.join("/");
  const bare = (file: string): string =>
    file.replace(/\.[cm]?[jt]sx?$/, "").replace(/[._-](?:test|spec)$/, "");
  return files.find((file) => bare(file) === wanted || bare(file).endsWith(`/${wanted}`));
}
