import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import { refinedRequirementsSchema } from "../../delivery/requirements/refined-requirements.ts";
import { renderRefined } from "../../delivery/requirements/render-refined.ts";
import { traceGaps } from "../../delivery/requirements/trace-gaps.ts";
import type { BlueprintPlatform } from "../platforms/platform.port.ts";
import { createBlueprintPlanner } from "./blueprint-planner.ts";

const platform: BlueprintPlatform = {
  id: "paper",
  title: "Paper",
  startCommands: ({ access }) => ["unfold", access.kind],
  components: [{ name: "sheet", role: "holds | everything" }],
  stack: [{ choice: "pencil", why: "it can be erased" }],
  refusal: (feature) => (feature.kind === "import" ? "paper cannot import" : undefined),
  criteria: (feature) => [
    { key: "works", given: "a sheet", when: `${feature.id} is asked for`, then: "it is done" },
    { key: "fails", given: "no sheet", when: `${feature.id} is asked for`, then: "it is refused" },
  ],
  render: () => [],
  acceptanceTests: () => [],
};
const planner = createBlueprintPlanner([platform, { ...platform, id: "stone" }]);
const signal = new AbortController().signal;
const root = join(import.meta.dirname, "../../..");
const fixtures = join(root, "test/fixtures/requirements");

const documentOf = (text: string) =>
  readDocument({ source: "text", bytes: new TextEncoder().encode(text) });
const refine = (text: string) => planner.refine(documentOf(text), signal);

const loans =
  "A book has a title (required). A loan belongs to a book. A loan has a due date. Books and loans can be managed. Books can be imported from CSV. Send an e-mail to the reader. Send another e-mail to the owner.";

describe("the stories", () => {
  it("come one a feature, with criteria numbered after the story and dependencies as story ids", async () => {
    const { stories } = await refine(loans);
    const ids = stories.map((story) => story.id);
    expect(ids).toEqual(ids.map((_, index) => `ST-${index + 1}`));
    for (const [index, story] of stories.entries()) {
      const earlier = new Set(ids.slice(0, index));
      expect(story.dependsOn.filter((id) => !earlier.has(id))).toEqual([]);
      expect(story.criteria.map((one) => one.id)).toEqual(
        story.criteria.map((_, at) => `AC-${index + 1}.${at + 1}`),
      );
    }
    expect(stories.map((story) => story.features[0]).slice(0, 2)).toEqual([
      "service",
      "book.create",
    ]);
  });

  it("that nobody asked for are engineering", async () => {
    const { stories } = await refine(loans);
    expect(
      stories.filter((story) => story.sentences.length === 0).map((story) => story.origin),
    ).toEqual(["engineering"]);
  });

  it("that the platform refuses, and sentences not understood grouped by reason, cannot be built", async () => {
    const { stories } = await refine(loans);
    const open = stories.filter((story) => story.unimplementable !== undefined);
    expect(open.map((story) => [story.sentences, story.unimplementable])).toEqual([
      [["S5"], "paper cannot import"],
      [["S6", "S7"], expect.stringContaining("e-mail")],
    ]);
  });
});

describe("the refined requirements", () => {
  it.each([
    join(root, "examples/bookmarks.md"),
    ...readdirSync(fixtures)
      .filter((file) => file.endsWith(".md"))
      .map((file) => join(fixtures, file)),
  ])("of %s are valid, trace every sentence and are the same each time", async (path) => {
    const document = readDocument({ source: path, bytes: readFileSync(path) });
    const refined = await planner.refine(document, signal);
    expect(refinedRequirementsSchema.parse(refined)).toEqual(refined);
    expect(await planner.refine(document, signal)).toEqual(refined);
    const open = new Set(
      refined.stories.flatMap((story) =>
        story.unimplementable === undefined ? [] : story.sentences,
      ),
    );
    expect(traceGaps(document, refined).filter((gap) => !open.has(gap.sentence))).toEqual([]);
    expect(renderRefined(refined, document)).toContain("## Traceability");
  });

  it("name edge cases, missing limits, assumptions with a criterion and outside services", async () => {
    const refined = await refine(loans);
    expect(refined.edgeCases.map((one) => one.text)).toContain(
      "A loan names a book that does not exist.",
    );
    expect(refined.edgeCases.every((one) => one.stories.length > 0)).toBe(true);
    expect(refined.missingConstraints).toContain("How long may the title of a book be?");
    expect(refined.assumptions.every((one) => one.criterion !== "")).toBe(true);
    expect(refined.externalDependencies).toEqual([
      { name: "A mail server", why: "asked for by S6, S7; not built" },
    ]);
    expect(refined.brief).toContain("books (title)");
  });

  it("stop when the caller does", async () => {
    const stopped = AbortSignal.abort();
    await expect(planner.refine(documentOf(loans), stopped)).rejects.toThrow();
  });
});

describe("the platform", () => {
  it("is the first when none is preferred, else the preferred", async () => {
    const document = documentOf(loans);
    const refined = await planner.refine(document, signal);
    expect(await planner.choosePlatform(document, refined, undefined)).toMatchObject({
      platform: "paper",
      startCommands: ["unfold", "open"],
    });
    expect((await planner.choosePlatform(document, refined, "stone")).platform).toBe("stone");
  });

  it("that does not exist is refused with those that do", async () => {
    const document = documentOf(loans);
    const refined = await planner.refine(document, signal);
    await expect(planner.choosePlatform(document, refined, "glass")).rejects.toThrow(
      /"glass"; known: paper, stone/,
    );
  });
});

describe("the design", () => {
  it("holds the model, its diagram, each operation and the open points", async () => {
    const document = documentOf(loans);
    const refined = await planner.refine(document, signal);
    const plan = await planner.choosePlatform(document, refined, undefined);
    const design = await planner.designDocument(document, refined, plan);
    for (const part of [
      "erDiagram",
      "Book ||--o{ Loan : bookId",
      "### Loan",
      "| ST-2 | Create a book |",
      "holds \\| everything",
      "S6: ",
    ])
      expect(design).toContain(part);
  });
});
