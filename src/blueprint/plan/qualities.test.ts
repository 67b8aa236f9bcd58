import { describe, expect, it } from "vitest";
import { proofText, unprovenQualities } from "../../delivery/requirements/quality-proof.ts";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import { renderRefined } from "../../delivery/requirements/render-refined.ts";
import { traceGaps } from "../../delivery/requirements/trace-gaps.ts";
import { apiServicePlatform } from "../platforms/api-service/platform.ts";
import { createBlueprintPlanner } from "./blueprint-planner.ts";

const planner = createBlueprintPlanner([apiServicePlatform]);

async function refine(...statements: readonly string[]) {
  const text = `# Notes\n\nA note has a title (required).\n\nPeople can add, list, search and look at notes.\n\n## Quality\n\n${statements.map((one) => `- ${one}`).join("\n")}\n`;
  const document = readDocument({ source: "test", bytes: new TextEncoder().encode(text) });
  const refined = await planner.refine(document, new AbortController().signal);
  return { document, refined, markdown: renderRefined(refined, document) };
}

async function criterionOf(statement: string): Promise<string> {
  const { refined } = await refine(statement);
  const [one] = refined.nonfunctional;
  if (one?.proof?.kind !== "proven") return one?.proof?.kind ?? "absent";
  const criteria = refined.stories.flatMap((story) => story.criteria);
  return one.proof.criteria
    .map((id) => criteria.find((criterion) => criterion.id === id)?.then ?? `unknown ${id}`)
    .join("; ");
}

describe("a requirement on the whole product", () => {
  it.each([
    ["Search answers within 200 ms with 10,000 notes.", /^95 of 100 answers come within 200 milli/],
    ["Data survives a restart.", /^what was created is there as it was$/],
    ["Logs never contain tokens.", /neither token is$/],
    ["All times are in UTC.", /ISO 8601 in UTC/],
    ["Umlauts must work everywhere.", /come back as they were sent/],
    ["Errors say which field is wrong.", /names title/],
    ["Requests larger than 1 MB are refused.", /413/],
    ["It shuts down gracefully.", /the process ends with code 0/],
  ])("is proven by criteria that stories have: %s", async (statement, expected) => {
    expect(await criterionOf(statement)).toMatch(expected);
  });

  it("without a figure is not proven, stays no gap, and says so wherever it is shown", async () => {
    const { document, refined, markdown } = await refine("The service must be fast.");
    expect(traceGaps(document, refined)).toEqual([]);
    expect(unprovenQualities(refined)).toMatchObject([
      { kind: "performance", statement: "The service must be fast.", criteria: [] },
    ]);
    expect(markdown.match(/NOT PROVEN: it states nothing that a test could measure/g)).toHaveLength(
      2,
    );
    expect(markdown).toContain("| not covered, NOT PROVEN:");
  });

  it("with power cuts is proven in part only", async () => {
    const { refined } = await refine("No data is lost in a power cut.");
    const [one] = unprovenQualities(refined);
    expect(one?.criteria).toHaveLength(2);
    expect(one?.reason).toMatch(/no test can cut the power/);
  });

  it.each([
    "The service must handle 500 requests per second.",
    "Requests larger than 5 MB are refused.",
    "Search answers within 200 ms with 900,000 notes.",
  ])("with a figure that nothing measures is a gap when it must be met: %s", async (statement) => {
    const { document, refined } = await refine(statement);
    expect(traceGaps(document, refined)).toMatchObject([{ text: statement }]);
    expect(refined.stories.at(-1)?.unimplementable).toMatch(/nothing holds the product to/);
  });

  it("with such a figure that only should be met is not proven and no gap", async () => {
    const { document, refined } = await refine("Ideally it handles 500 requests per second.");
    expect(traceGaps(document, refined)).toEqual([]);
    expect(unprovenQualities(refined)).toHaveLength(1);
  });

  it("beside a feature is kept while the feature is built", async () => {
    const { document, refined } = await refine(
      "People can search notes by title, and it must be fast.",
    );
    expect(traceGaps(document, refined)).toEqual([]);
    expect(refined.stories.some((story) => story.sentences.includes("S3"))).toBe(true);
    expect(unprovenQualities(refined)).toHaveLength(1);
  });
});

it("criteria one after the other are named as a range", () => {
  const criteria = ["AC-3.1", "AC-3.2", "AC-3.3", "AC-4.4", "AC-5.5"];
  expect(proofText({ kind: "proven", criteria })).toBe(
    "proven by AC-3.1 to AC-3.3, AC-4.4, AC-5.5",
  );
});
