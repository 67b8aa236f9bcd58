import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { describe, expect, it } from "vitest";
import { readDocument } from "./read-document.ts";
import type { RefinedRequirements, UserStory } from "./refined-requirements.ts";
import { renderRefined } from "./render-refined.ts";
import { traceGaps } from "./trace-gaps.ts";

const hostile = "A | pipe, <script>alert(1)</script>, a `tick` and **stars**.";
const document = readDocument({
  source: "a|b.md",
  bytes: new TextEncoder().encode(
    `One thing.\n\nTwo things.\n\n${hostile.replace("<", "\\<").replaceAll("`", "\\`").replaceAll("*", "\\*")}\n`,
  ),
});

function story(id: string, sentences: string[], extra: Partial<UserStory> = {}): UserStory {
  return {
    id,
    title: "Do it",
    asA: "operator",
    iWant: "to do it",
    soThat: "it is done",
    criteria: [{ id: `AC-${id.slice(3)}.1`, given: "a | b", when: "<b>it</b>", then: "# done" }],
    sentences,
    origin: "requirements",
    dependsOn: [],
    points: 1,
    priority: "must",
    features: [],
    ...extra,
  };
}

function refinedWith(
  stories: UserStory[],
  notCovered: RefinedRequirements["notCovered"] = [],
): RefinedRequirements {
  return {
    schema: "autosd/refined-requirements@1",
    source: { name: document.source, digest: document.digest },
    title: "T <i>x</i>",
    brief: "Brief.",
    personas: [],
    stories,
    nonfunctional: [],
    ambiguities: [],
    contradictions: [],
    missingConstraints: [],
    edgeCases: [],
    externalDependencies: [],
    assumptions: [],
    stack: [],
    notCovered,
  };
}

const reasons = (refined: RefinedRequirements): string[][] =>
  traceGaps(document, refined).map((gap) => [gap.sentence, gap.reason]);

describe("trace gaps", () => {
  it("are none when every sentence has a story or is context", () => {
    const refined = refinedWith(
      [story("ST-1", ["S1", "S3"])],
      [{ sentence: "S2", kind: "context", reason: "background" }],
    );
    expect(reasons(refined)).toEqual([]);
  });

  it("are sentences that nothing names, with their line and text", () => {
    expect(traceGaps(document, refinedWith([story("ST-1", ["S1", "S3"])]))).toEqual([
      {
        sentence: "S2",
        line: 3,
        text: "Two things.",
        reason: "no story comes from it and it is not listed as not covered",
      },
    ]);
  });

  it("are listed gaps, also of sentences that a story covers in part", () => {
    const refined = refinedWith(
      [story("ST-1", ["S1", "S2", "S3"])],
      [{ sentence: "S2", kind: "gap", reason: "no mail" }],
    );
    expect(reasons(refined)).toEqual([["S2", "no mail"]]);
  });

  it("are sentences whose story cannot be built, whatever else is listed", () => {
    const refined = refinedWith(
      [story("ST-1", ["S1", "S3"]), story("ST-2", ["S2"], { unimplementable: "no mail" })],
      [{ sentence: "S2", kind: "context", reason: "never mind" }],
    );
    expect(reasons(refined)).toEqual([["S2", "no mail"]]);
  });

  it("are ids that do not exist", () => {
    const refined = refinedWith(
      [story("ST-1", ["S1", "S2", "S3", "S9"], { dependsOn: ["ST-7"] })],
      [{ sentence: "S8", kind: "context", reason: "x" }],
    );
    expect(traceGaps(document, refined).map((gap) => gap.sentence)).toEqual(["S9", "ST-7", "S8"]);
  });

  it("are everything when the text is another one", () => {
    const refined = refinedWith([story("ST-1", ["S1", "S2", "S3"])]);
    const stale = { ...refined, source: { ...refined.source, digest: "sha256:0" } };
    expect(reasons(stale)[0]?.[1]).toMatch(/another text/);
  });
});

describe("the rendered requirements", () => {
  const refined = refinedWith(
    [story("ST-1", ["S1", "S3"])],
    [{ sentence: "S2", kind: "gap", reason: "no mail | no fun" }],
  );
  const markdown = renderRefined(refined, document);
  const tree = fromMarkdown(markdown, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });

  it("hold one row a sentence, whatever marks its text has", () => {
    const table = tree.children.findLast((node) => node.type === "table");
    const rows = table?.type === "table" ? table.children : [];
    expect(rows.map((row) => row.children.length)).toEqual([4, 4, 4, 4]);
  });

  it("let no HTML, heading or emphasis of the text through", () => {
    expect(markdown).not.toContain("<script>");
    expect(JSON.stringify(tree)).not.toContain('"type":"html"');
    expect(
      tree.children.filter((node) => node.type === "heading" && node.depth === 1),
    ).toHaveLength(1);
  });

  it("say where each sentence leads", () => {
    expect(markdown).toContain("| S1 | 1 | One thing. | ST-1 |");
    expect(markdown).toContain("not covered, gap: no mail \\| no fun");
    expect(markdown).toContain("As an operator I want");
  });
});
