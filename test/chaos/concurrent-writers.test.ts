import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/store/database.ts";
import { createProjectStore } from "../../src/adapters/store/project-store.ts";
import { bundleWorker } from "./bundle.ts";

/** What one writer is told. */
export interface WriterOrders {
  readonly home: string;
  readonly project: string;
  readonly writer: number;
  readonly writes: number;
}

type Writer = ChildProcessByStdio<Writable, Readable, null>;

const writers = 8;
const writes = 20;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-writers-"));
});
afterAll(() => rm(folder, { recursive: true }));

function start(program: string, orders: WriterOrders): Writer {
  return spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 60_000,
  });
}

it("loses no record of eight processes that start at once on a fresh home", async () => {
  const home = join(folder, "home");
  const project = join(folder, "project");
  await mkdir(project);
  const program = await bundleWorker("writer-worker", folder);
  const children = Array.from({ length: writers }, (_, writer) =>
    start(program, { home, project, writer, writes }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const ends = children.map((child) => once(child, "exit"));
  for (const child of children) child.stdin.write("go\n");
  const codes = (await Promise.all(ends)).map(([code]) => code as unknown);
  expect(codes).toEqual(Array.from({ length: writers }, () => 0));

  const database = await openDatabase({ home });
  const projects = createProjectStore(database);
  expect(await projects.list({ limit: 10_000 })).toHaveLength(writers * writes + 1);
  expect((await projects.get("shared"))?.storiesDone).toBe(writers * writes);
  await database.close();
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  expect((await stat(join(home, "state.db"))).mode & 0o777).toBe(0o600);

  const folderOfProject = join(project, ".autosd");
  const lines = (await readFile(join(folderOfProject, "log.jsonl"), "utf8")).trimEnd().split("\n");
  const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
  expect(new Set(ids).size).toBe(writers * writes);
  const progress = await readFile(join(folderOfProject, "progress.json"), "utf8");
  expect(JSON.parse(progress)).toHaveProperty("id");
  expect((await readdir(folderOfProject)).sort()).toEqual(["log.jsonl", "progress.json"]);
});
