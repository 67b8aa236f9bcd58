import { z } from "zod";
import { readTap } from "./read-tap.ts";
import type { ReportFormat, TestCaseResult } from "./toolchain.ts";

const outcomes: Readonly<Record<string, TestCaseResult["outcome"]>> = {
  passed: "passed",
  failed: "failed",
};

const jestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string().optional(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()).optional(),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

const mochaTestSchema = z.object({
  fullTitle: z.string(),
  title: z.string(),
  file: z.string().optional(),
  err: z.looseObject({ message: z.string().optional() }).optional(),
});
const mochaSchema = z.object({
  tests: z.array(mochaTestSchema),
  passes: z.array(mochaTestSchema),
  failures: z.array(mochaTestSchema),
});

const lineSchema = z.object({
  file: z.string(),
  name: z.string(),
  outcome: z.enum(["passed", "failed", "skipped"]),
  message: z.string().optional(),
});
const unittestSchema = z.object({ tests: z.array(lineSchema) });

/** What a runner reported; `files` includes test files that could not be loaded. */
export interface TestReport {
  readonly results: readonly TestCaseResult[];
  readonly files: ReadonlySet<string>;
}

/** Reads a report of a project that lay at `root`. `undefined`: it is damaged or of another format. */
export function readTestReport(
  format: ReportFormat,
  text: string,
  root: string,
): TestReport | undefined {
  try {
    const results = readers[format](text, (file) => relativeTo(root, file));
    return results === undefined
      ? undefined
      : { results, files: new Set(results.map((one) => one.file)) };
  } catch {
    return undefined;
  }
}

type Reader = (
  text: string,
  relative: (file: string) => string,
) => readonly TestCaseResult[] | undefined;

const readers: Readonly<Record<ReportFormat, Reader>> = {
  "vitest-json": readJest,
  "mocha-json": readMocha,
  "node-events": readEvents,
  tap: (text, relative) => readTap(text)?.map(({ file, ...test }) => result(relative(file), test)),
  junit: readJunit,
  "unittest-json": readUnittest,
};

/** The name of a "test" that stands for a file which could not be loaded. */
export const unloadable = "(the file could not be loaded)";

function readJest(
  text: string,
  relative: (file: string) => string,
): readonly TestCaseResult[] | undefined {
  const parsed = jestSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return undefined;
  return parsed.data.testResults.flatMap((suite): readonly TestCaseResult[] => {
    const file = relative(suite.name);
    const tests = suite.assertionResults.map((one) =>
      result(file, {
        name: [...(one.ancestorTitles ?? []).filter((title) => title !== ""), one.title].join(
          " > ",
        ),
        outcome: outcomes[one.status] ?? "skipped",
        message: one.failureMessages?.[0],
      }),
    );
    const brokenAround =
      suite.status === "failed" && tests.every((one) => one.outcome !== "failed");
    return brokenAround
      ? [...tests, result(file, { name: unloadable, outcome: "failed", message: suite.message })]
      : tests;
  });
}

function readMocha(
  text: string,
  relative: (file: string) => string,
): readonly TestCaseResult[] | undefined {
  const parsed = mochaSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return undefined;
  const { tests, passes, failures } = parsed.data;
  const passed = new Set(passes.map((one) => `${one.file ?? ""}\0${one.fullTitle}`));
  const failed = new Map(failures.map((one) => [`${one.file ?? ""}\0${one.fullTitle}`, one]));
  return tests.map((one) => {
    const key = `${one.file ?? ""}\0${one.fullTitle}`;
    const failure = failed.get(key);
    return result(relative(one.file ?? ""), {
      name: one.fullTitle.endsWith(one.title)
        ? [one.fullTitle.slice(0, -one.title.length).trim(), one.title]
            .filter((part) => part !== "")
            .join(" > ")
        : one.fullTitle,
      outcome: failure !== undefined ? "failed" : passed.has(key) ? "passed" : "skipped",
      message: failure?.err?.message,
    });
  });
}

function readEvents(
  text: string,
  relative: (file: string) => string,
): readonly TestCaseResult[] | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  // The last line says that the runner came to its end; without it the process was cut.
  if (lines.at(-1) !== '{"end":true}') return undefined;
  return lines.slice(0, -1).flatMap((line): readonly TestCaseResult[] => {
    const { file, name, outcome, message } = lineSchema.parse(JSON.parse(line));
    const path = relative(file);
    // A file is a test of its own to node: failing when it cannot be loaded, else nothing new.
    if (name === path || relative(name) === path)
      return outcome === "failed" ? [result(path, { name: unloadable, outcome, message })] : [];
    return [result(path, { name, outcome, message })];
  });
}

function readUnittest(
  text: string,
  relative: (file: string) => string,
): readonly TestCaseResult[] | undefined {
  const parsed = unittestSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return undefined;
  return parsed.data.tests.map((one) => {
    const missing = /^unittest\.loader\._FailedTest\.(.+)$/.exec(one.name)?.[1];
    return missing === undefined
      ? result(relative(one.file), { ...one, name: one.name.split(".").at(-1) ?? one.name })
      : result(`${missing.replaceAll(".", "/")}.py`, { ...one, name: unloadable });
  });
}

function readJunit(
  text: string,
  relative: (file: string) => string,
): readonly TestCaseResult[] | undefined {
  if (!/<\/testsuites?>\s*$/.test(text)) return undefined;
  const found: TestCaseResult[] = [];
  for (const match of text.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)) {
    const [, attributes = "", body = ""] = match;
    const failure = /<(?:failure|error)\b[^>]*?message="([^"]*)"/.exec(body);
    const broken = /<(?:failure|error)\b/.test(body);
    const file = attribute(attributes, "file") ?? "";
    const name = attribute(attributes, "name") ?? "";
    found.push(
      result(relative(file), {
        name: broken && attribute(attributes, "classname") === "" ? unloadable : name,
        outcome: broken ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
        message: failure?.[1] === undefined ? undefined : unescapeXml(failure[1]),
      }),
    );
  }
  return found;
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescapeXml(value);
}

const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
  "#10": "\n",
};

function unescapeXml(text: string): string {
  return text.replaceAll(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

function result(
  file: string,
  test: {
    readonly name: string;
    readonly outcome: TestCaseResult["outcome"];
    readonly message?: string | undefined;
  },
): TestCaseResult {
  const lines = (test.message ?? "").split("\n").filter((line) => line.trim() !== "");
  // "Expected values to be equal:" says nothing without the line below it.
  const message = lines[0]?.trimEnd().endsWith(":") ? lines.slice(0, 2).join(" ") : lines[0];
  return {
    file,
    name: test.name,
    outcome: test.outcome,
    ...(test.outcome === "failed" && message !== undefined
      ? { message: message.trim().slice(0, 300) }
      : {}),
  };
}

function relativeTo(root: string, file: string): string {
  const path = file.replace(/^file:\/\//, "");
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path.replace(/^\.\//, "");
}
