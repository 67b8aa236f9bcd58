import { beforeEach, expect, test } from "vitest";
import { createMemoryProjectFiles } from "../../adapters/store/memory-project-files.ts";
import { createMemoryProjectStore } from "../../adapters/store/memory-project-store.ts";
import { exampleBacklog } from "../../delivery/backlog/example-backlog.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { ProjectRecord, ProjectStore } from "../../state/projects.port.ts";
import type { Autosd } from "../autosd.ts";
import { writeBacklog } from "../backlog/backlog-record.ts";
import type { RunRecord } from "../ports/run-engine.port.ts";
import { createProjectCalls } from "./project-calls.ts";

const record: ProjectRecord = {
  id: "notes",
  title: "Notes",
  directory: "/projects/notes",
  platform: "api_service",
  status: "open",
  health: "verified",
  storiesDone: 1,
  storiesTotal: 2,
  lastRunId: "run_1",
  createdAtMs: 1,
  updatedAtMs: 2,
};
const lastRun = { runId: "run_1", status: "succeeded" } as RunRecord;
/** Runs besides the newest of `record`, named by their status. */
const otherRuns: ReadonlyMap<string, RunRecord> = new Map(
  ["running", "interrupted", "failed"].map((status) => [
    status,
    { runId: status, status } as RunRecord,
  ]),
);

let files: ProjectFiles;
let calls: Autosd["projects"];
let projects: ProjectStore;
let retired: string[];
let isLogBroken: boolean;
let isOwn: boolean;

beforeEach(async () => {
  files = createMemoryProjectFiles();
  retired = [];
  isLogBroken = false;
  isOwn = true;
  projects = createMemoryProjectStore();
  await projects.upsert(record);
  calls = createProjectCalls({
    projects,
    files,
    own: { knows: async () => isOwn },
    recordRetirement: async (id) => {
      if (isLogBroken) throw new Error("no room");
      retired.push(id);
    },
    runs: { get: async (id) => (id === "run_1" ? lastRun : otherRuns.get(id)) },
    clock: { now: () => 99, monotonicMs: () => 99 },
  });
});

test("gathers record, backlog and newest run of a project", async () => {
  expect(await calls.status("notes")).toEqual({ project: record, backlog: undefined, lastRun });
  const backlog = exampleBacklog([]);
  await writeBacklog(files, record.directory, backlog);
  const shown = { project: record, backlog: { ...backlog, provenHere: true }, lastRun };
  expect(await calls.status("notes")).toEqual(shown);
});

test("does not call a project running whose run has stopped, whatever stopped it", async () => {
  const begun = { ...record, health: "running" } as const;
  for (const lastRunId of [...otherRuns.keys(), "swept"])
    await projects.upsert({ ...begun, id: `of-${lastRunId}`, lastRunId });
  const healths = { running: "running", interrupted: "incomplete", failed: "failed" } as const;
  for (const [run, health] of Object.entries(healths)) {
    expect((await calls.show(`of-${run}`)).health).toBe(health);
    expect((await calls.status(`of-${run}`)).project.health).toBe(health);
    const found = await calls.list({ health, limit: 10 });
    expect(found.map(({ id }) => id)).toEqual([`of-${run}`]);
  }
  const all = await calls.list({ limit: 10 });
  expect(all.map(({ id, health }) => [id, health])).toEqual([
    ["notes", "verified"],
    ["of-failed", "failed"],
    ["of-interrupted", "incomplete"],
    ["of-running", "running"],
    ["of-swept", "unknown"],
  ]);
  const counted = await calls.summary();
  expect(counted.map(({ health, count }) => [health, count])).toEqual([
    ["failed", 1],
    ["incomplete", 1],
    ["running", 1],
    ["unknown", 1],
    ["verified", 1],
  ]);
});

test("finds projects by their health over several pages, up to the limit", async () => {
  const begun = { ...record, health: "running", lastRunId: "interrupted" } as const;
  for (let index = 0; index < 450; index += 1)
    await projects.upsert({ ...begun, id: `p${String(index).padStart(3, "0")}` });
  const first = await calls.list({ health: "incomplete", limit: 205 });
  expect([first.length, first.at(-1)?.id]).toEqual([205, "p204"]);
  const rest = await calls.list({ health: "incomplete", limit: 500, after: "p204" });
  expect([rest.length, rest[0]?.id]).toEqual([245, "p205"]);
  const summary = await calls.summary();
  expect(summary.find(({ health }) => health === "incomplete")?.count).toBe(450);
});

test("says that a backlog which this home did not write is not proven here", async () => {
  isOwn = false;
  await writeBacklog(files, record.directory, exampleBacklog([]));
  expect((await calls.status("notes")).backlog).toMatchObject({ provenHere: false });
});

test("does not retire a project when that cannot be recorded", async () => {
  isLogBroken = true;
  await expect(calls.retire("notes")).rejects.toThrow("no room");
  expect((await calls.show("notes")).status).toBe("open");
});

test("retires a project, and once more without an error, and records it once", async () => {
  const ended = { ...record, status: "retired", updatedAtMs: 99 };
  expect(await calls.retire("notes")).toEqual(ended);
  expect(await calls.retire("notes")).toEqual(ended);
  expect(retired).toEqual(["notes"]);
  expect(await calls.list({ status: "open", limit: 10 })).toEqual([]);
  expect(await calls.summary()).toEqual([{ status: "retired", health: "verified", count: 1 }]);
});

test.each(["show", "status", "retire"] as const)(
  "refuses to %s a project nobody knows",
  async (call) => {
    await expect(calls[call]("nothing")).rejects.toMatchObject({
      code: "AUTOSD-PROJECT-UNKNOWN",
      exitCode: 2,
      remedy: "autosd projects list",
    });
  },
);
