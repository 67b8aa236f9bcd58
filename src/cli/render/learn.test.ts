import { expect, test } from "vitest";
import { shownLearnReport } from "../example-learn.ts";
import type { Output } from "../context.ts";
import { renderLearned } from "./learn.ts";

const output: Output = {
  ...{ write: () => undefined, isTerminal: false, color: false, canRepaint: false },
  columns: () => 80,
};

test("shows what is known, and says what is not", () => {
  const text = renderLearned(shownLearnReport, output);
  expect(text).toContain("$0.1234 + 5 unknown");
  expect(text).toContain("run_01/ST-1/1/4");
  expect(text).toContain("too few to say anything (20 each are needed)");
  expect(text).toContain("+ In `replace`, quote more lines.");
  expect(text).toContain("1 damaged lines passed over");
});

test("says that a price is unknown instead of nothing, and lets no name of a journal paint", () => {
  const [template] = shownLearnReport.templates;
  if (template === undefined) throw new Error("the example has no template");
  const models = ["openai/\u001b[31mred"];
  const unknown = { ...template, callsWithoutPrice: template.calls, microusd: 0, models };
  const text = renderLearned({ ...shownLearnReport, templates: [unknown] }, output);
  expect(text).not.toContain("$0.0000");
  expect(text).not.toContain("\u001b");
});

test("says that there is nothing to learn from", () => {
  const empty = { ...shownLearnReport, templates: [], proposals: [] };
  expect(renderLearned(empty, output)).toContain("No prompt of a language model");
});
