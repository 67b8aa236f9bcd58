import { describe, expect, it } from "vitest";
import { createMemoryProjectFiles } from "../../adapters/store/memory-project-files.ts";
import type { CheckoutState } from "../../delivery/agent/vcs.port.ts";
import type { Planner } from "../../delivery/agent/planner.port.ts";
import { writeIdentity } from "../run/project-identity.ts";
import { refine, type RefineServices } from "./refine.ts";

const directory = "/work/it's here";
const planner: Planner = {
  kind: "blueprint",
  refine: async (document) => ({
    schema: "autosd/refined-requirements@1",
    source: { name: document.source, digest: document.digest },
    ...{ title: "Notes", brief: "Notes.", personas: [], stories: [], nonfunctional: [] },
    ...{ ambiguities: [], contradictions: [], missingConstraints: [], edgeCases: [] },
    ...{ externalDependencies: [], assumptions: [], stack: [], notCovered: [] },
  }),
  choosePlatform: () => Promise.reject(new Error("not asked")),
  designDocument: () => Promise.reject(new Error("not asked")),
};

describe("the command that goes on after refining", () => {
  const servicesOn = (state: CheckoutState): RefineServices => ({
    files: createMemoryProjectFiles(),
    folders: {
      resolve: async (path) => path,
      mayBeFolder: async () => true,
      makeWritable: async () => ({ kind: "writable" }),
    },
    requirements: { read: async () => ({ source: "notes.md", bytes: Buffer.from("Notes.") }) },
    vcs: { inspect: async () => state },
  });
  const nextOf = async (
    services: RefineServices,
    asked: Pick<Parameters<typeof refine>[2], "provider" | "models"> = {},
  ): Promise<string | undefined> => {
    const requirements = { kind: "text", text: "" } as const;
    const input = { requirements, outputDirectory: directory, runId: "refine_1", ...asked };
    return (await refine(services, planner, input, new AbortController().signal)).next;
  };
  const copy = `'/work/it'\\''s here/.autosd/requirements.md'`;
  const folder = `'/work/it'\\''s here'`;

  it("builds in the same folder, quoted for a shell", async () => {
    expect(await nextOf(servicesOn({ kind: "empty" }))).toBe(
      `autosd run --requirements-file ${copy} --output-dir ${folder}`,
    );
  });

  it("works on a branch of a repository that autosd did not create", async () => {
    const state = { kind: "repository", branch: "main", dirty: [] } as const;
    expect(await nextOf(servicesOn({ ...state, head: "1".repeat(40) }))).toContain(
      `--project-dir ${folder}`,
    );
    const known = servicesOn({ ...state, head: "1".repeat(40) });
    const identity = { schema: "autosd/project@1", projectId: "p", title: "P", createdAt: "" };
    await writeIdentity(known.files, directory, { ...identity, schema: "autosd/project@1" });
    expect(await nextOf(known)).toContain(`--output-dir ${folder}`);
    await writeIdentity(known.files, directory, {
      ...{ ...identity, schema: "autosd/project@1", branch: "autosd/p" },
    });
    expect(await nextOf(known)).toContain(`--project-dir ${folder}`);
  });

  it("names the model that refined", async () => {
    const models = {
      ...{ model: "big", plannerModel: null, baseUrl: null, keyFile: null },
      ...{ waitForResetSeconds: null, maxCostUsd: null, maxTokens: null },
    };
    const next = await nextOf(servicesOn({ kind: "empty" }), { provider: "openai", models });
    expect(next).toMatch(/ --provider openai --model big$/);
  });
});
