import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProjectFiles } from "../../adapters/store/project-files.ts";
import { doneStory, exampleBacklog } from "../../delivery/backlog/example-backlog.ts";
import { backlogFromRefined } from "../../delivery/backlog/from-refined.ts";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import type {
  RefinedRequirements,
  UserStory,
} from "../../delivery/requirements/refined-requirements.ts";
import { createBacklogCalls } from "./backlog-calls.ts";
import { writeBacklog } from "./backlog-record.ts";

const text = "# Notes\n\nA user can write a note. A user can delete a note.\n";
const read = (source: string, content: string) =>
  readDocument({ source, bytes: Buffer.from(content) });
const files = createProjectFiles();

let directory: string;
let isOwn: boolean;

beforeEach(async () => {
  isOwn = true;
  directory = await mkdtemp(join(tmpdir(), "autosd-backlog-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const calls = () =>
  createBacklogCalls({
    files,
    own: { knows: async () => isOwn },
    projects: { byDirectory: async () => undefined },
    clock: { now: () => 0, monotonicMs: () => 0 },
    exclusively: (_directory, work) => work(),
    readDocument: read,
  });

function asked(number: number, title: string): UserStory {
  return {
    id: `ST-${number}`,
    title,
    asA: "user",
    iWant: "notes",
    soThat: "I remember",
    criteria: [{ id: `AC-${number}.1`, given: "a", when: "b", then: "c" }],
    sentences: [`S${number}`],
    origin: "requirements",
    dependsOn: [],
    points: 1,
    priority: "must",
    features: [],
  };
}

function refinedOf(stories: readonly UserStory[]): RefinedRequirements {
  return {
    schema: "autosd/refined-requirements@1",
    source: { name: "notes.md", digest: read("notes.md", text).digest },
    title: "Notes",
    brief: "Notes.",
    personas: [],
    stories: [...stories],
    nonfunctional: [],
    ambiguities: [],
    contradictions: [],
    missingConstraints: [],
    edgeCases: [],
    externalDependencies: [],
    assumptions: [],
    stack: [],
    notCovered: [],
  };
}

async function recordRefined(stories: readonly UserStory[]): Promise<RefinedRequirements> {
  const refined = refinedOf(stories);
  await files.write(directory, "requirements.md", text);
  await files.write(directory, "refined_requirements.json", JSON.stringify(refined));
  return refined;
}

test("says that a folder is no project, and how to make it one", async () => {
  const error = { code: "AUTOSD-PROJECT-NOT-FOUND", exitCode: 2 };
  await expect(calls().show(directory)).rejects.toMatchObject({
    ...error,
    remedy: `autosd run --requirements-file requirements.md --output-dir ${directory}`,
  });
  await expect(calls().refine(directory)).rejects.toMatchObject(error);
});

test("computes the backlog again and says what came and went", async () => {
  const refined = await recordRefined([asked(1, "Write"), asked(3, "Search")]);
  const document = read("notes.md", text);
  const before = backlogFromRefined(refinedOf([asked(1, "Write"), asked(2, "Delete")]), document, {
    project: "notes",
    updatedAt: "2026-01-01T00:00:00.000Z",
  });
  const { status, attempts, commit } = doneStory(1);
  const stories = before.stories.map((story) =>
    story.id === "ST-1" ? { ...story, status, attempts, commit } : story,
  );
  await writeBacklog(files, directory, { ...before, stories });
  const change = await calls().refine(directory);
  expect(change.added.map((story) => story.title)).toEqual(["Search"]);
  expect(change.removed.map((story) => story.title)).toEqual(["Delete"]);
  expect(change.backlog).toMatchObject({ project: "notes", requirementsDigest: document.digest });
  expect(change.backlog.stories[0]).toMatchObject({ status: "done", commit });
  expect(refined.stories).toHaveLength(2);
  expect(await calls().show(directory)).toEqual({ ...change.backlog, provenHere: true });
});

test("keeps the number of a story that moved, in both records", async () => {
  const document = read("notes.md", text);
  const previous = backlogFromRefined(refinedOf([asked(1, "Write")]), document, {
    project: "notes",
    updatedAt: "2026-01-01T00:00:00.000Z",
  });
  await recordRefined([asked(1, "Sign in"), asked(2, "Write")]);
  await writeBacklog(files, directory, previous);
  const { backlog, added } = await calls().refine(directory);
  const named = backlog.stories.map((story) => [story.id, story.title]);
  expect(named).toEqual([
    ["ST-2", "Sign in"],
    ["ST-1", "Write"],
  ]);
  expect(added.map((story) => story.id)).toEqual(["ST-2"]);
  const stored = await readFile(join(directory, ".autosd", "refined_requirements.json"), "utf8");
  const { stories } = JSON.parse(stored) as RefinedRequirements;
  expect(stories.map((story) => [story.id, story.title])).toEqual(named);
  expect((await calls().refine(directory)).backlog.stories).toEqual(backlog.stories);
});

test("says whether a backlog was written or proven here", async () => {
  await writeBacklog(files, directory, exampleBacklog([]));
  expect(await calls().show(directory)).toMatchObject({ provenHere: true });
  isOwn = false;
  expect(await calls().show(directory)).toMatchObject({ provenHere: false });
});

test("refuses refined requirements that are older than the requirements", async () => {
  await recordRefined([asked(1, "Write")]);
  await writeFile(join(directory, ".autosd", "requirements.md"), `${text}More is asked for.\n`);
  await writeBacklog(files, directory, exampleBacklog([]));
  await expect(calls().refine(directory)).rejects.toMatchObject({ code: "AUTOSD-REFINED-STALE" });
});

test.each([
  ["half a record", '{"schema":"autosd/backlog@1","stories":['],
  ["a record of somebody else", '{"schema":"jira/export@2","stories":[]}'],
  ["a story that cannot be", JSON.stringify({ ...exampleBacklog([]), stories: [{ id: "X" }] })],
  ["nothing", ""],
])("never touches a backlog that holds %s", async (_what, damaged) => {
  await recordRefined([asked(1, "Write")]);
  const file = join(directory, ".autosd", "backlog.json");
  await writeFile(file, damaged);
  const error = { code: "AUTOSD-BACKLOG-INVALID", exitCode: 6, details: { file } };
  await expect(calls().show(directory)).rejects.toMatchObject(error);
  await expect(calls().refine(directory)).rejects.toMatchObject(error);
  expect(await readFile(file, "utf8")).toBe(damaged);
});
