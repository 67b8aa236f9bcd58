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

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

interface Writer {
  readonly child: Child;
  /** How it ended, in words that name what went wrong; `exit 0` when nothing did. */
  readonly end: Promise<string>;
}

const writers = 8;
const writes = 20;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-writers-"));
});
afterAll(() => rm(folder, { recursive: true }));

function start(program: string, orders: WriterOrders): Writer {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 60_000,
  });
  let said = "";
  child.stderr.on("data", (more: Buffer) => (said += more.toString()));
  const end = once(child, "close").then(() => {
    const words = child.signalCode ?? `exit ${String(child.exitCode)}`;
    return said === "" ? words : `${words}: ${said}`;
  });
  return { child, end };
}

it("loses no record of eight processes that start at once on a fresh home", async () => {
  const home = join(folder, "home");
  const project = join(folder, "project");
  await mkdir(project);
  const program = await bundleWorker("writer-worker", folder);
  const all = Array.from({ length: writers }, (_, writer) =>
    start(program, { home, project, writer, writes }),
  );
  await Promise.all(all.map(({ child }) => once(child.stdout, "data")));
  for (const { child } of all) child.stdin.write("go\n");
  const ends = await Promise.all(all.map(({ end }) => end));
  expect(ends).toEqual(Array.from({ length: writers }, () => "exit 0"));

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
