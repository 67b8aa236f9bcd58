import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleTask, memoryWorkspace } from "../../../../test/support/scripted-attempt.ts";
import { firstPrompt } from "../loop/first-prompt.ts";
import { toolSpecs } from "../loop/tools.ts";
import { compareVersions } from "./compare-versions.ts";
import { failureClasses, type FailureClass } from "./failure-class.ts";
import { proposalsFor, roomOf } from "./propose.ts";
import { remedies } from "./remedies.ts";
import { learnedLines, reviseTemplate } from "./revise-template.ts";
import type { Finding, TemplateLessons } from "./template-lessons.ts";

const folder = join(import.meta.dirname, "../../../../templates/prompts");
const names = readdirSync(folder).sort();

function released(name: string): string {
  return readFileSync(join(folder, name, "1.md"), "utf8");
}

function finding(kind: FailureClass, more: Partial<Finding> = {}): Finding {
  return { kind, count: 9, attempts: 5, tokens: 1_000, microusd: 0, places: [], ...more };
}

function lessons(more: Partial<TemplateLessons> = {}): TemplateLessons {
  return {
    ...{ id: "implement@1", name: "implement", version: 1, scope: "package", models: ["m"] },
    ...{ firstTs: "2026-01-01", lastTs: "2026-01-02", attempts: 10 },
    ends: { good: 5, rejected: 5, failed: 0, open: 0 },
    ...{ calls: 50, failedCalls: 0, inputTokens: 900, outputTokens: 100, cachedTokens: 0 },
    ...{ callsWithoutUsage: 0, microusd: 0, callsWithoutPrice: 0, retries: 0, brokenOff: 0 },
    findings: [],
    ...more,
  };
}

const implement = { id: "implement@1", text: "You implement." };

describe("proposals", () => {
  it("are made of what was counted often enough, most expensive first, three at a time", () => {
    const kinds: readonly FailureClass[] = [
      ...(["edit-absent", "gate-tests", "read-again", "answer-cut"] as const),
    ];
    const found = lessons({ findings: kinds.map((kind) => finding(kind)) });
    const proposals = proposalsFor(implement, found);
    expect(proposals.map(({ against }) => against)).toEqual(kinds.slice(0, 3));
    expect(proposals[0]?.evidence).toBe(
      "edit refused: the old text is not in the file: 9 times in 5 of 10 attempts; 1000 tokens in answers with it",
    );
  });

  it("are not made of accidents, nor of other versions than the one in force", () => {
    const rare = lessons({ findings: [finding("edit-absent", { attempts: 2 })] });
    expect(proposalsFor(implement, rare)).toEqual([]);
    const seldom = lessons({ attempts: 100, findings: [finding("edit-absent", { attempts: 9 })] });
    expect(proposalsFor(implement, seldom)).toEqual([]);
    const often = lessons({ findings: [finding("edit-absent")] });
    expect(proposalsFor({ ...implement, id: "implement@2" }, often)).toEqual([]);
    expect(proposalsFor(implement, undefined)).toEqual([]);
  });

  it("say when the line is there already, and when there is no room", () => {
    const found = lessons({ findings: [finding("edit-absent")] });
    const [proposed] = proposalsFor(implement, found);
    const text = reviseTemplate(implement.text, [proposed?.line ?? ""]);
    expect(proposalsFor({ ...implement, text }, found)[0]?.standing).toBe("there-already");
    const long = { ...implement, text: "x".repeat(roomOf("implement") - 20) };
    expect(proposalsFor(long, found)[0]?.standing).toBe("no-room");
  });

  it("know one remedy for each class that a prompt can do something about", () => {
    const ids = remedies.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const name of names)
      for (const kind of Object.keys(failureClasses))
        expect(
          remedies.filter((one) => one.against === kind && one.templates.includes(name)).length,
        ).toBeLessThanOrEqual(1);
    const withRemedy = new Set<string>(remedies.map(({ against }) => against));
    const without = Object.keys(failureClasses).filter((kind) => !withRemedy.has(kind));
    // What the sbom gate finds is a matter of the lockfile, which the install gate speaks of.
    expect(without).toEqual(["gate-sbom"]);
  });
});

describe("a revised template", () => {
  const lines = fc.array(fc.constantFrom(...remedies.map(({ line }) => line)), { maxLength: 6 });

  it("begins with what it was made from, holds each line once, and is the same when made again", () => {
    fc.assert(
      fc.property(lines, lines, (first, second) => {
        const once = reviseTemplate("You implement.\n", first);
        const twice = reviseTemplate(once, second);
        expect(twice.startsWith(once.trimEnd())).toBe(true);
        expect(learnedLines(twice)).toEqual([...new Set([...first, ...second])]);
        expect(reviseTemplate(twice, [...first, ...second])).toBe(twice);
      }),
    );
  });

  it("keeps the first request of a story at 8 KB, with as much as there is room for", () => {
    const story = {
      ...exampleTask(memoryWorkspace(new Map())).story,
      narrative: "x".repeat(9_000),
    };
    const task = { ...exampleTask(memoryWorkspace(new Map())), story };
    const facts = {
      paths: Array.from({ length: 500 }, (_, index) => `src/some/where/file-${index}.ts`),
      guide: "Be kind. ".repeat(1_000),
      symbols: Array.from({ length: 8 }, () => "y".repeat(300)),
      gates: Object.keys(failureClasses).flatMap((kind) => kind.match(/^gate-(.+)/)?.[1] ?? []),
    };
    const request = {
      system: "y".repeat(roomOf("implement")),
      tools: toolSpecs,
      messages: [{ role: "user", text: firstPrompt(task, facts) }],
    };
    expect(Buffer.byteLength(JSON.stringify(request))).toBeLessThanOrEqual(8_192);
    // There is room for something in what is released.
    expect(Buffer.byteLength(released("implement")) + 400).toBeLessThan(roomOf("implement"));
  });
});

it("released templates never change: what journals say of a version stays true of it", () => {
  const digests = names.map(
    (name) => `${name} ${createHash("sha256").update(released(name)).digest("hex").slice(0, 12)}`,
  );
  expect(digests).toMatchInlineSnapshot(`
    [
      "design 9620f6bee3e1",
      "implement 1481da39c526",
      "implement-agent d118351caa4c",
      "platform 4a8da46d0db1",
      "refine 477120b95dc5",
      "refine-existing c35c158154d8",
    ]
  `);
});

describe("versions of a template", () => {
  const version = (id: string, firstTs: string, good: number, rejected: number, models = ["m"]) =>
    lessons({ id, firstTs, models, ends: { good, rejected, failed: 0, open: 7 } });
  const verdictOf = (...all: readonly TemplateLessons[]) =>
    compareVersions(all).map(({ verdict }) => verdict);

  it("are compared in the order in which they were used, when there is enough to compare", () => {
    const old = version("implement@1", "2026-01-01", 10, 20);
    expect(verdictOf(version("implement@2", "2026-02-01", 25, 5), old)).toEqual(["better"]);
    expect(verdictOf(old, version("implement@2", "2025-02-01", 25, 5))).toEqual(["worse"]);
    expect(verdictOf(old, version("implement@2", "2026-02-01", 12, 18))).toEqual([
      "no-difference-shown",
    ]);
  });

  it("say nothing when there are too few attempts or other models", () => {
    const old = version("implement@1", "2026-01-01", 10, 20);
    expect(verdictOf(old, version("implement@2", "2026-02-01", 19, 0))).toEqual(["too-few"]);
    expect(verdictOf(old, version("implement@2", "2026-02-01", 90, 0, ["n"]))).toEqual([
      "other-models",
    ]);
    expect(verdictOf(old)).toEqual([]);
    expect(verdictOf(old, lessons({ name: "refine", id: "refine@1" }))).toEqual([]);
  });

  it("are no different when all went well in both", () => {
    const all = ["2026-01-01", "2026-02-01"].map((at, n) =>
      version(`implement@${n + 1}`, at, 30, 0),
    );
    expect(verdictOf(...all)).toEqual(["no-difference-shown"]);
  });
});
