import { describe, expect, it } from "vitest";
import { judgeIntegrity, type IntegrityQuestion } from "./test-integrity.ts";

type Texts = Readonly<Record<string, string>>;

const file = "test/a.test.ts";
const before = `it("adds", () => { expect(add(1, 2)).toBe(3); expect(add(0, 0)).toBe(0); });
it("keeps", () => { expect(keep(1)).toEqual({ one: 1 }); });
`;

function judge(
  base: Texts,
  result: Texts,
  more: Partial<Pick<IntegrityQuestion, "changedTests" | "results">> & {
    readonly configuration?: readonly [Texts, Texts];
  } = {},
): string {
  const [oldConfiguration, newConfiguration] = more.configuration ?? [{}, {}];
  const judged = judgeIntegrity({
    base: {
      tests: new Map(Object.entries(base)),
      configuration: new Map(Object.entries(oldConfiguration)),
    },
    result: {
      tests: new Map(Object.entries(result)),
      configuration: new Map(Object.entries(newConfiguration)),
    },
    changedTests: more.changedTests ?? [],
    results: more.results ?? [],
  });
  return judged.verdict === "green" ? "green" : judged.finding;
}

describe("existing tests", () => {
  it("may be joined by others and moved to another file", () => {
    expect(judge({ [file]: before }, { [file]: `${before}it("more", () => {});` })).toBe("green");
    expect(judge({ [file]: before }, { "test/b.test.ts": before })).toBe("green");
    expect(judge({}, { [file]: before })).toBe("green");
  });

  it.each([
    ["deleted with their file", {}, `${file} was deleted: "adds" (and 1 more)`],
    [
      "deleted",
      { [file]: before.slice(before.indexOf("\n") + 1) },
      `a test was deleted from ${file}: "adds"`,
    ],
    [
      "renamed away",
      { [file]: before.replace('"adds"', '"subtracts"') },
      `a test was deleted from ${file}: "adds"`,
    ],
    ["skipped", { [file]: before.replace("it(", "it.skip(") }, `"adds" in ${file} is skipped now`],
    [
      "commented out",
      { [file]: before.replace('it("keeps"', '// it("keeps"') },
      `a test was deleted from ${file}: "keeps"`,
    ],
    [
      "focused",
      { [file]: before.replace("it(", "it.only(") },
      `"adds" in ${file} is marked .only: the others are not run`,
    ],
    [
      "robbed of an assertion",
      { [file]: before.replace(" expect(add(0, 0)).toBe(0);", "") },
      `"adds" in ${file} was weakened: 2 assertions before, 1 now`,
    ],
    [
      "given a constant for an assertion",
      { [file]: before.replace("expect(add(0, 0)).toBe(0)", "expect(true).toBe(true)") },
      `"adds" in ${file} was weakened: 2 assertions before, 1 now`,
    ],
    [
      "made to accept nearly everything",
      { [file]: before.replace("toEqual({ one: 1 })", "toBeDefined()") },
      `"keeps" in ${file} was weakened: an exact assertion became one that nearly everything satisfies`,
    ],
  ])("may not be %s", (_name, result, finding) => {
    expect(judge({ [file]: before }, result)).toBe(finding);
  });

  it("may change when the story says so", () => {
    expect(judge({ [file]: before }, {}, { changedTests: [file] })).toBe("green");
  });

  it("may not be skipped while running", () => {
    const results = [{ file, name: "group > adds", outcome: "skipped" }] as const;
    expect(judge({ [file]: before }, { [file]: before }, { results })).toBe(
      `"group > adds" in ${file} was skipped while running`,
    );
    const skipped = { [file]: before.replace("it(", "it.skip(") };
    expect(judge(skipped, skipped, { results })).toBe("green");
  });

  it("may not be skipped from the start", () => {
    expect(judge({}, { [file]: 'it.skip("new", () => {});' })).toBe(
      `"new" in ${file} is new and skipped`,
    );
  });
});

describe("the configuration of gates", () => {
  const tsconfig =
    '{ // strict\n "compilerOptions": { "strict": true, "target": "ES2023", }, "include": ["src"] }';
  const manifest = '{ "scripts": { "test": "vitest run", "build": "tsc" }, "dependencies": {} }';

  it.each([
    [
      "a strict option",
      "tsconfig.json",
      tsconfig,
      tsconfig.replace("true", "false"),
      'tsconfig.json: "strict" was true and is false now',
    ],
    [
      "an option switched off",
      "tsconfig.json",
      tsconfig,
      tsconfig.replace('"target"', '"noImplicitAny": false, "target"'),
      'tsconfig.json: "noImplicitAny" is switched off',
    ],
    [
      "what is compiled",
      "tsconfig.json",
      tsconfig,
      tsconfig.replace('"src"', '"src/a.ts"'),
      'tsconfig.json: "include" was changed',
    ],
    [
      "the test script",
      "package.json",
      manifest,
      manifest.replace("vitest run", "vitest run --passWithNoTests"),
      'package.json: the script "test" was changed from "vitest run" to "vitest run --passWithNoTests"',
    ],
    [
      "a script around a gate",
      "package.json",
      manifest,
      manifest.replace('"build"', '"pretest": "true", "build"'),
      'package.json: the script "pretest" is new and runs around a gate',
    ],
    [
      "a linter's rules",
      "biome.json",
      "{}",
      '{"linter":{"enabled":false}}',
      "biome.json was changed: it configures a gate",
    ],
    [
      "a linter's rules in TypeScript",
      "eslint.config.ts",
      "a",
      "b",
      "eslint.config.ts was changed: it configures a gate",
    ],
    [
      "Python's rules",
      "pyproject.toml",
      "[tool.ruff]\nselect = ['ALL']\n",
      "[tool.ruff]\nselect = []\n",
      "pyproject.toml configures gates differently now ([tool.*])",
    ],
  ])("%s may not change", (_name, path, old, now, finding) => {
    expect(judge({}, {}, { configuration: [{ [path]: old }, { [path]: now }] })).toBe(finding);
    expect(
      judge({}, {}, { configuration: [{ [path]: old }, { [path]: now }], changedTests: [path] }),
    ).toBe("green");
  });

  it.each([
    [
      "a dependency and a build script",
      "package.json",
      manifest,
      manifest.replace("{} }", '{ "a": "1" } }').replace('"tsc"', '"tsc -b"'),
    ],
    ["the target", "tsconfig.json", tsconfig, tsconfig.replace("ES2023", "ES2024")],
    [
      "Python's packaging",
      "pyproject.toml",
      "[project]\nversion = '1'\n",
      "[project]\nversion = '2'\n",
    ],
  ])("%s may", (_name, path, old, now) => {
    expect(judge({}, {}, { configuration: [{ [path]: old }, { [path]: now }] })).toBe("green");
  });

  it("may not be deleted, hidden behind a new ignore file, or switched off by a file", () => {
    const kept = { "biome.json": "{}" };
    expect(judge({}, {}, { configuration: [kept, {}] })).toBe(
      "biome.json was deleted: it configures a gate",
    );
    expect(judge({}, {}, { configuration: [kept, { ...kept, ".eslintignore": "src" }] })).toBe(
      ".eslintignore is new: it hides files from a gate",
    );
    expect(
      judge({}, {}, { configuration: [kept, { ...kept, "src/a.ts": "// @ts-nocheck\n" }] }),
    ).toBe("src/a.ts switches a gate off for the whole file");
  });
});
