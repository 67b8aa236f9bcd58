import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiServicePlatform } from "../../blueprint/platforms/api-service/platform.ts";
import type { AgentEvent, ImplementationTask } from "../../delivery/agent/implementer.port.ts";
import type { Story } from "../../delivery/backlog/backlog.ts";
import { bookmarksModel } from "../../../test/system/api-service/models/bookmarks.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { createBlueprintImplementer } from "./blueprint-implementer.ts";

const implementer = createBlueprintImplementer({
  platforms: [apiServicePlatform],
  templatesDirectory: fileURLToPath(new URL("../../../templates", import.meta.url)),
  readProduct: () => bookmarksModel,
});

/** Story `n`, as a planner makes it of the model's n-th feature. */
function story(n: number, features?: readonly string[]): Story {
  const feature = bookmarksModel.features[n - 1];
  if (feature === undefined) throw new Error("no such feature");
  return {
    id: `ST-${String(n)}`,
    title: feature.title,
    narrative: "",
    criteria: apiServicePlatform
      .criteria(feature, bookmarksModel)
      .map(({ given, when, then }, index) => ({
        id: `AC-${String(n)}.${String(index + 1)}`,
        given,
        when,
        then,
      })),
    sentences: [{ id: "S7", text: "Something is wanted." }],
    features: [...(features ?? [feature.id])],
    dependsOn: [],
    points: 1,
    priority: "must",
    status: "in_progress",
    attempts: [],
    commit: null,
    sprint: null,
  };
}

describe("blueprint implementer", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "autosd-test-implementer-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function implement(
    now: Story,
    doneStories: readonly Story[],
    change: Partial<ImplementationTask> = {},
    signal = new AbortController().signal,
  ): Promise<AgentEvent | undefined> {
    const task = {
      projectId: "bookmarks",
      platform: "api_service",
      document: { source: "text", text: "", digest: "", title: undefined, sentences: [] },
      story: now,
      doneStories,
      workspace: openWorkspace({ root: folder, baseTree: "0".repeat(40) }),
      attempt: 1,
      failures: [],
      reproducible: true,
      ...change,
    } as unknown as ImplementationTask;
    let last: AgentEvent | undefined;
    for await (const event of implementer.implement(task, signal)) last = event;
    return last;
  }

  const text = (path: string): string => readFileSync(join(folder, path), "utf8");

  it("writes the first story into an empty folder and names its tests", async () => {
    expect(await implement(story(1), [])).toEqual({
      kind: "proposal",
      proposal: {
        summary: "service, on HTTP service with a JSON API",
        acceptanceTests: ["test/acceptance/st-1-service.test.ts"],
        changedTests: [],
      },
    });
    expect(text("package.json")).toContain('"name": "bookmarks"');
    expect(text("package-lock.json")).not.toContain("resolved");
    expect(text("src/app.ts")).not.toContain("tokens");
  });

  it("writes only what the next story changes, and the same again when it is done twice", async () => {
    await implement(story(1), []);
    const kept = "src/http/server.ts";
    writeFileSync(join(folder, kept), `${text(kept)}// Somebody's own line.\n`);
    expect((await implement(story(2), [story(1)]))?.kind).toBe("proposal");
    expect(text("src/app.ts")).toContain("requireTokens");
    expect(text(kept)).toContain("Somebody's own line.");
    const once = text("src/app.ts");
    expect((await implement(story(2), [story(1)]))?.kind).toBe("proposal");
    expect(text("src/app.ts")).toBe(once);
  });

  it("leaves a changed file alone, writes nothing, and fails naming it", async () => {
    await implement(story(1), []);
    writeFileSync(join(folder, "src/app.ts"), "// mine\n");
    const before = text("src/config.ts");
    expect(await implement(story(2), [story(1)])).toEqual({
      kind: "failed",
      reason: expect.stringMatching(
        /^changed by somebody else since it was written: src\/app\.ts\. Nothing was overwritten/,
      ) as string,
      retryable: false,
    });
    expect(text("src/app.ts")).toBe("// mine\n");
    expect(text("src/config.ts")).toBe(before);
  });

  it("does not overwrite a file that was there before the first story", async () => {
    writeFileSync(join(folder, "README.md"), "# Mine\n");
    expect(await implement(story(1), [])).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("since it was written: README.md.") as string,
    });
  });

  async function adapt(doneStories: readonly Story[]): Promise<AgentEvent | undefined> {
    const task = {
      platform: "api_service",
      document: { source: "text", text: "", digest: "", title: undefined, sentences: [] },
      doneStories,
      workspace: openWorkspace({ root: folder, baseTree: "0".repeat(40) }),
    } as unknown as ImplementationTask;
    let last: AgentEvent | undefined;
    const events = implementer.adapt?.(task, new AbortController().signal) ?? [];
    for await (const event of events) last = event;
    return last;
  }

  it("finds every story standing when nothing changed, and changes nothing", async () => {
    await implement(story(1), []);
    await implement(story(2), [story(1)]);
    const record = text(".blueprint.json");
    expect(await adapt([story(2), story(1)])).toMatchObject({
      kind: "proposal",
      proposal: { standing: ["ST-1", "ST-2"] },
    });
    expect(text(".blueprint.json")).toBe(record);
  });

  it("takes out a story that is done no more, and those that cannot stand without it", async () => {
    for (const n of [1, 2, 3])
      await implement(
        story(n),
        [1, 2, 3].slice(0, n - 1).map((one) => story(one)),
      );
    expect(await adapt([story(1), story(3)])).toMatchObject({ proposal: { standing: ["ST-1"] } });
    expect(text("src/app.ts")).not.toContain("requireTokens");
    expect(JSON.parse(text(".blueprint.json"))).toMatchObject({
      stories: [{ id: "ST-1", feature: "service" }],
    });
  });

  it("says so when what it wrote cannot be told any more", async () => {
    await implement(story(1), []);
    writeFileSync(join(folder, ".blueprint.json"), "<<<<<<< mine\n");
    expect(await adapt([story(1)])).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining(".blueprint.json cannot be read: restore it") as string,
    });
    rmSync(join(folder, ".blueprint.json"));
    writeFileSync(join(folder, "README.md"), "# Mine\n");
    expect(await implement(story(2), [story(1)])).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("README.md") as string,
    });
  });

  it("reports a story that it has no feature for, with its sentences", async () => {
    expect(await implement(story(1, ["nothing.known"]), [])).toMatchObject({
      kind: "unimplemented",
      sentences: ["S7"],
    });
    expect(await implement(story(1, []), [])).toMatchObject({ kind: "unimplemented" });
  });

  it("fails on criteria that are not the feature's, on an unknown platform, and when cancelled", async () => {
    const other = { ...story(1), criteria: [] };
    expect(await implement(other, [])).toMatchObject({ kind: "failed", retryable: false });
    expect(await implement(story(1), [], { platform: "desktop" })).toMatchObject({
      kind: "failed",
      reason: "there is no platform desktop",
    });
    expect(await implement(story(1), [], {}, AbortSignal.abort())).toMatchObject({
      kind: "failed",
      retryable: true,
    });
  });
});
