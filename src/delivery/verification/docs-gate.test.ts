import { describe, expect, it } from "vitest";
import { judgeDocs } from "./docs-gate.ts";
import { firstProblem } from "./first-problem.ts";
import { matchesGlob } from "./glob.ts";

async function findingOf(files: Readonly<Record<string, string>>): Promise<string> {
  const judged = await judgeDocs({
    paths: Object.keys(files).sort(),
    readText: async (path) => files[path],
  });
  return judged.verdict === "green" ? "green" : judged.finding;
}

const manifest = '{"scripts":{"start":"node .","test":"vitest run"}}';
const good = { "package.json": manifest, "README.md": "Start: `npm start`\n" };

describe("the documents of a project", () => {
  it("are right when the README says how to start it and its links lead somewhere", async () => {
    expect(await findingOf(good)).toBe("green");
    expect(
      await findingOf({
        ...good,
        "README.md":
          'npm start, [a](docs/a.md#top "title"), [web](https://x.example), [d](./docs), [up](/docs/a.md), [h](#here), `[code](none.md)`\n```\n[code](none.md)\n```\n',
        "docs/a.md": "[back](../README.md)",
        "openapi.json": '{"openapi":"3.1.0","info":{},"paths":{}}',
      }),
    ).toBe("green");
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["no README", { "package.json": manifest }, "there is no README.md"],
    [
      "a command that does not exist",
      { ...good, "README.md": "npm start, npm run deploy" },
      'README.md says "npm run deploy", which package.json does not have',
    ],
    [
      "no way to start",
      { ...good, "README.md": "npm test" },
      "README.md does not say how to start the project (npm start)",
    ],
    [
      "a dead link",
      { ...good, "docs/a.md": "[x](gone.md)" },
      "docs/a.md links to gone.md, which is not there",
    ],
    [
      "a link out of the project",
      { ...good, "a.md": "[x](../../etc/passwd)" },
      "a.md links to ../../etc/passwd, which is not there",
    ],
    [
      "a broken OpenAPI document",
      { ...good, "openapi.json": "{" },
      "openapi.json is not valid JSON",
    ],
    [
      "an OpenAPI document without paths",
      { ...good, "openapi.json": '{"openapi":"3.1.0","info":{}}' },
      "openapi.json is no OpenAPI document: openapi, info or paths is missing",
    ],
  ])("are wrong with %s", async (_name, files, finding) => {
    expect(await findingOf(files)).toBe(finding);
  });
});

describe("the first problem of a tool", () => {
  it.each([
    [
      "tsc",
      "src/a.ts(3,1): error TS2304: Cannot find name 'x'.\n",
      "src/a.ts:3:1 Cannot find name 'x'.",
    ],
    [
      "biome",
      "src/a.ts:3:7 lint/correctness/noUnusedVariables ━━━\n\n  × This variable x is unused.\n",
      "src/a.ts:3:7 This variable x is unused.",
    ],
    [
      "biome's formatter",
      "src/a.ts format ━━━━\n\n  × Formatter would have printed the following content:\n",
      "src/a.ts Formatter would have printed the following content:",
    ],
    [
      "eslint",
      "/workspace/src/a.ts\n  3:1  error  'x' is unused  no-unused-vars\n",
      "src/a.ts:3:1 'x' is unused",
    ],
    ["ruff", "a.py:1:8: F401 `os` imported but unused\n", "a.py:1:8 F401 `os` imported but unused"],
    [
      "node",
      "/workspace/src/a.js:2\n  return a +;\n\nSyntaxError: Unexpected token ';'\n",
      "src/a.js:2 SyntaxError: Unexpected token ';'",
    ],
  ])("is found in the words of %s", (_name, output, problem) => {
    expect(firstProblem(output)).toBe(problem);
  });

  it("is not made up", () => {
    expect(firstProblem("all good\n")).toBeUndefined();
  });
});

describe("globs", () => {
  it.each([
    ["a.test.ts", true],
    ["test/deep/a.test.mjs", true],
    ["a.test.tsx", true],
    ["atest.ts", false],
    ["a.test.ts.snap", false],
  ])("%j is a test file: %s", (path, expected) => {
    expect(matchesGlob(path, ["**/*.test.{ts,tsx,mjs}"])).toBe(expected);
  });
});
