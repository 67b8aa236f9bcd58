import { beforeEach, expect, test } from "vitest";
import { createMemoryProjectFiles } from "../../adapters/store/memory-project-files.ts";
import {
  doneStory,
  exampleAttempt,
  exampleBacklog,
  exampleEvidence,
  exampleStory,
} from "../../delivery/backlog/example-backlog.ts";
import type { Story } from "../../delivery/backlog/backlog.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { readBacklog, writeBacklog } from "../backlog/backlog-record.ts";
import type { RunRecord } from "../ports/run-engine.port.ts";
import { partitionOf } from "../projects/partition.ts";
import { createSprintCalls } from "./sprint-calls.ts";

const directory = "/projects/example";
const startMs = Date.parse("2026-02-01T00:00:00.000Z");

let stored: Map<string, string>;
let isOwn: boolean;
let runs: readonly Pick<RunRecord, "status" | "output">[];

function callsOver(files: ProjectFiles) {
  let nowMs = startMs;
  return createSprintCalls({
    files,
    clock: { now: () => (nowMs += 1_000), monotonicMs: () => nowMs },
    runs: {
      list: async (filter) => {
        expect(filter.partition).toBe(partitionOf(directory));
        return runs as readonly RunRecord[];
      },
    },
    exclusively: (_directory, work) => work(),
    own: { knows: async () => isOwn },
  });
}

const files = () => createMemoryProjectFiles(stored);
const fileText = (path: string) => stored.get(`${directory}\n${path}`);
const putBacklog = (stories: readonly Story[]) =>
  writeBacklog(files(), directory, exampleBacklog(stories));

beforeEach(async () => {
  stored = new Map();
  runs = [];
  isOwn = true;
  await putBacklog([
    exampleStory(1, { points: 2, title: "First" }),
    exampleStory(2, { points: 3, title: "Second", dependsOn: ["ST-1"] }),
    exampleStory(3, { points: 5, title: "Third", priority: "could" }),
  ]);
});

test("plans, starts, reviews and closes a sprint, and keeps the record of it", async () => {
  const sprint = callsOver(files());
  expect(await sprint.plan(directory, 2)).toEqual({
    schema: "autosd/sprint@1",
    id: "sprint-1",
    goal: "First; Second",
    status: "planned",
    stories: ["ST-1", "ST-2"],
    plannedPoints: 5,
    startedAt: null,
    endedAt: null,
  });
  expect(await sprint.start(directory)).toMatchObject({
    status: "active",
    startedAt: "2026-02-01T00:00:02.000Z",
  });
  const backlog = await readBacklog(files(), directory);
  expect(backlog.stories.map((story) => story.sprint)).toEqual(["sprint-1", "sprint-1", null]);

  await putBacklog([doneStory(1, { points: 2 }), exampleStory(2, { title: "Second" })]);
  expect(await sprint.review(directory)).toEqual({
    sprint: "sprint-1",
    stories: [
      { id: "ST-1", title: "Story 1", done: true, missing: [] },
      { id: "ST-2", title: "Second", done: false, missing: ["It was not attempted."] },
    ],
    donePoints: 2,
    definitionOfDone: false,
    provenHere: true,
  });
  const { file, metrics } = await sprint.retro(directory);
  expect(file).toBe("/projects/example/.autosd/sprints/sprint-1/retro.md");
  expect(metrics).toMatchObject({ velocity: 2, runSuccess: null });
  expect(JSON.parse(fileText("sprints/sprint-1/plan.json") ?? "")).toMatchObject({
    status: "closed",
    endedAt: "2026-02-01T00:00:03.000Z",
  });
  const events = (fileText("sprint_log.jsonl") ?? "").trim().split("\n");
  expect(events.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    "planned",
    "started",
    "reviewed",
    "closed",
  ]);
});

test("says that a review of a backlog from elsewhere is not proven here", async () => {
  const sprint = callsOver(files());
  await sprint.plan(directory, 1);
  await sprint.start(directory);
  await putBacklog([doneStory(1)]);
  isOwn = false;
  expect(await sprint.review(directory)).toMatchObject({
    definitionOfDone: true,
    provenHere: false,
  });
});

test("writes a retrospective from recorded facts, with the text of others made harmless", async () => {
  const sprint = callsOver(files());
  await sprint.plan(directory, 3);
  await sprint.start(directory);
  runs = [{ status: "succeeded", output: { outcome: "verified" } }];
  const rejected = exampleAttempt({
    outcome: "rejected",
    reason: "tests | <b>red</b>",
    evidence: [exampleEvidence("tests", { verdict: "red", finding: "a | b <script>" })],
  });
  await putBacklog([doneStory(1, { points: 2 }), exampleStory(2, { attempts: [rejected] })]);
  await sprint.review(directory);
  await sprint.retro(directory);
  const retro = fileText("sprints/sprint-1/retro.md") ?? "";
  expect(retro).toContain("| Stories done | 1 of 3 |");
  expect(retro).toContain("| Run success | 95 % | 100 % | met |");
  expect(retro).toContain("| Verified at the first attempt | 90 % | 33.3 % | missed |");
  expect(retro).toContain("| tests | 2 | 1 | 2.0 | a \\| b &lt;script\\> |");
  expect(retro).toContain("ST-3 : It is no longer in the backlog.");
  expect(retro).not.toMatch(/<script>|<b>/);
});

test("keeps the figures of a closed sprint when the stories change later", async () => {
  const sprint = callsOver(files());
  await sprint.plan(directory, 1);
  await sprint.start(directory);
  await putBacklog([doneStory(1, { points: 2 }), exampleStory(2)]);
  await sprint.review(directory);
  const { metrics } = await sprint.retro(directory);
  await putBacklog([exampleStory(1), exampleStory(2)]);
  expect(await sprint.metrics(directory)).toEqual(metrics);
});

test("counts a run as a success only when everything was verified", async () => {
  runs = [
    { status: "succeeded", output: { outcome: "verified" } },
    { status: "succeeded", output: { outcome: "incomplete" } },
    { status: "failed", output: undefined },
    { status: "succeeded", output: null },
  ];
  expect((await callsOver(files()).metrics(directory)).runSuccess).toBe(0.25);
});

test("refuses each step where the sprint is not, and names the step that comes first", async () => {
  const sprint = callsOver(files());
  const refusal = (code: string, remedy: string) =>
    expect.objectContaining({ code, remedy: `${remedy} --project ${directory}` }) as Error;
  await expect(sprint.start(directory)).rejects.toThrow(
    refusal("AUTOSD-SPRINT-NONE", "autosd sprint plan"),
  );
  await sprint.plan(directory, 1);
  await expect(sprint.review(directory)).rejects.toThrow(
    refusal("AUTOSD-SPRINT-NOT-STARTED", "autosd sprint start"),
  );
  await expect(sprint.retro(directory)).rejects.toThrow(
    refusal("AUTOSD-SPRINT-NOT-STARTED", "autosd sprint start"),
  );
  await sprint.start(directory);
  await expect(sprint.plan(directory, 1)).rejects.toThrow(
    refusal("AUTOSD-SPRINT-OPEN", "autosd sprint review"),
  );
  await expect(sprint.retro(directory)).rejects.toThrow(
    refusal("AUTOSD-SPRINT-NOT-REVIEWED", "autosd sprint review"),
  );
  await sprint.review(directory);
  await expect(sprint.plan(directory, 1)).rejects.toThrow(
    refusal("AUTOSD-SPRINT-OPEN", "autosd sprint retro"),
  );
});

test("plans a planned sprint anew instead of a second one", async () => {
  const sprint = callsOver(files());
  await sprint.plan(directory, 1);
  expect(await sprint.plan(directory, 3)).toMatchObject({
    id: "sprint-1",
    stories: ["ST-1", "ST-2", "ST-3"],
  });
});

test("says that everything is done when nothing is left to plan", async () => {
  await putBacklog([doneStory(1)]);
  await expect(callsOver(files()).plan(directory, 1)).rejects.toThrow(/All 1 stories are done/);
});

test.each([
  ["sprints/sprint-1/plan.json", "{"],
  ["sprints/sprint-1/plan.json", '{"schema":"other@1"}'],
  ["sprint_log.jsonl", "not json\n"],
])("ends with the damaged file's name and leaves it alone: %s %s", async (path, text) => {
  const sprint = callsOver(files());
  await sprint.plan(directory, 1);
  await sprint.start(directory);
  await sprint.review(directory);
  stored.set(`${directory}\n${path}`, text);
  const before = new Map(stored);
  await expect(sprint.retro(directory)).rejects.toThrow(
    expect.objectContaining({ code: "AUTOSD-RECORD-INVALID", exitCode: 6 }) as Error,
  );
  await expect(sprint.retro(directory)).rejects.toThrow(path);
  expect(stored.get(`${directory}\n${path}`)).toBe(text);
  expect([...stored.keys()].filter((key) => !before.has(key))).not.toContain(
    `${directory}\nsprints/sprint-1/retro.md`,
  );
});

/** Files whose n-th change is cut off by a crash. */
function dyingFiles(changes: number): ProjectFiles {
  const inner = files();
  let left = changes;
  const change = async (work: () => Promise<void>) => {
    if (left <= 0) throw new Error("killed");
    left -= 1;
    await work();
  };
  return {
    ...inner,
    write: (...args) => change(() => inner.write(...args)),
    append: (...args) => change(() => inner.append(...args)),
  };
}

async function wholeSprint(over: ProjectFiles): Promise<void> {
  const sprint = callsOver(over);
  const status = (JSON.parse(fileText("sprints/sprint-1/plan.json") ?? "{}") as { status?: string })
    .status;
  if (status === undefined || status === "planned") {
    await sprint.plan(directory, 2);
    await sprint.start(directory);
  }
  await sprint.review(directory);
  await sprint.retro(directory);
}

test("ends the same when it is killed before any of its writes and done again", async () => {
  let deaths = 0;
  for (let changes = 0; ; changes += 1) {
    stored = new Map();
    await putBacklog([exampleStory(1), exampleStory(2)]);
    const died = await wholeSprint(dyingFiles(changes)).then(
      () => false,
      (error: unknown) => String(error).includes("killed"),
    );
    if (!died) break;
    deaths += 1;
    await wholeSprint(files());
    expect(JSON.parse(fileText("sprints/sprint-1/plan.json") ?? "")).toMatchObject({
      status: "closed",
      stories: ["ST-1", "ST-2"],
    });
    expect(fileText("sprints/sprint-1/retro.md")).toContain("# Retrospective of sprint-1");
    expect(fileText("sprints/sprint-1/metrics.json")).toBeDefined();
    expect(fileText("sprints/sprint-2/plan.json")).toBeUndefined();
  }
  // plan 2, start 3, review 3, retro 4
  expect(deaths).toBe(12);
});
