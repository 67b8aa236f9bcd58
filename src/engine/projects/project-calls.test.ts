import { beforeEach, expect, test } from "vitest";
import { createMemoryProjectFiles } from "../../adapters/store/memory-project-files.ts";
import { createMemoryProjectStore } from "../../adapters/store/memory-project-store.ts";
import { exampleBacklog } from "../../delivery/backlog/example-backlog.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { ProjectRecord } from "../../state/projects.port.ts";
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

let files: ProjectFiles;
let calls: Autosd["projects"];
let retired: string[];
let isLogBroken: boolean;
let isOwn: boolean;

beforeEach(async () => {
  files = createMemoryProjectFiles();
  retired = [];
  isLogBroken = false;
  isOwn = true;
  const projects = createMemoryProjectStore();
  await projects.upsert(record);
  calls = createProjectCalls({
    projects,
    files,
    own: { knows: async () => isOwn },
    recordRetirement: async (id) => {
      if (isLogBroken) throw new Error("no room");
      retired.push(id);
    },
    runs: { get: async (id) => (id === "run_1" ? lastRun : undefined) },
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
