import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository } from "../support/cli.ts";

const document = readFileSync(join(repository, "docs", "conformance-agent.md"), "utf8");

/** Case, test file and title of each row. */
const rows = document
  .split("\n")
  .filter((line) => /^\| (?!---|Case |Server )/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, what = "", , file = "", title = ""]) => [what, file, title] as const);

it("the document of what the agent keeps to has its rows", () => {
  expect(rows.length).toBeGreaterThanOrEqual(19);
  expect(new Set(rows.map(([what]) => what)).size).toBe(rows.length);
});

it.each(rows)("“%s” is held by a test that exists", (_, file, title) => {
  const text = readFileSync(join(repository, file), "utf8");
  const isTitle = [`"${title}"`, `'${title}'`].some((quoted) => text.includes(quoted));
  expect(isTitle, `${file} has no test “${title}”`).toBe(true);
});
