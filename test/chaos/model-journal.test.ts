import { execFile, execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from "vitest";
import { type ModelScript, say } from "../support/model-server/script.ts";
import { type ModelServer, startModelServer } from "../support/model-server/server.ts";
import { honestFirst, honestSecond } from "../support/model-world/sums.ts";
import { bundleWorker } from "./bundle.ts";
import type { ModelWorkerOrders } from "./model-worker.ts";

const packageFolder = fileURLToPath(new URL("../../", import.meta.url));
const answers = honestFirst.length + honestSecond.length;
let bundles: string;
let worker: string;
let root: string;
let server: ModelServer;

beforeAll(async () => {
  bundles = await mkdtemp(join(tmpdir(), "autosd-model-worker-"));
  worker = await bundleWorker("model-worker", bundles);
});
afterAll(() => rm(bundles, { recursive: true, force: true }));

/** The same answer to the same request, whichever process asks. */
const script: ModelScript = (call) => {
  const isSecond = call.turns[0]?.text.includes("ST-2:") ?? false;
  const turns = isSecond ? honestSecond : honestFirst;
  const place = call.turns.filter((turn) => turn.role === "assistant").length;
  const calls = turns[place] ?? [];
  return say("", { toolCalls: calls.map(([name, given]) => ({ name, arguments: given })) });
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-model-kill-"));
  server = await startModelServer(script, { ledgerFile: join(root, "ledger.jsonl") });
  writeFileSync(join(root, "commands"), "");
});
afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

interface WorkerEnd {
  readonly signal: string | null;
  readonly outcome: string | undefined;
  readonly exitCode: number | undefined;
  readonly written: number;
}

function start(
  records: number | null,
  signal: "SIGKILL" | "SIGINT" = "SIGKILL",
  more: Pick<ModelWorkerOrders, "parallel"> = {},
): Promise<WorkerEnd> {
  const orders: ModelWorkerOrders = {
    ...more,
    ...{ root, packageFolder, records, signal, url: server.url },
    searchPath: process.env["PATH"] ?? "",
    commandsFile: join(root, "commands"),
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [worker, JSON.stringify(orders)], (error, stdout, stderr) => {
      const ended = error?.signal ?? null;
      if (ended === null && stdout === "") reject(new Error(stderr));
      else
        resolve({
          signal: ended,
          written: 0,
          ...(stdout === "" ? {} : JSON.parse(stdout)),
        } as WorkerEnd);
    });
  });
}

interface Answered {
  readonly kind: string;
  readonly story: string;
  readonly turn: number;
  readonly prompt?: string;
  readonly decision?: string;
}

function commands(): readonly string[] {
  return readFileSync(join(root, "commands"), "utf8").split("\n").filter(Boolean);
}

function journal(): readonly Answered[] {
  const text = readFileSync(join(root, "out/.autosd/prompt_journal.jsonl"), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Answered);
}

const everyCommandOnce = ["npm test", "npm test && echo checked > notes.txt", "npm test"];
const maxLives = 80;
const recordsOfALife = 9;

it("killed after every record of the journal, pays nothing and runs nothing twice", async () => {
  let lives = 0;
  let end: WorkerEnd;
  do {
    // What had no end is begun again by the next life: it dies after the end that comes then.
    const last = lives === 0 ? undefined : journal().at(-1)?.kind;
    end = await start(last === "intent" || last === "tool-start" ? 2 : 1);
    lives += 1;
  } while (end.signal === "SIGKILL" && lives < maxLives);
  expect(end).toMatchObject({ signal: null, outcome: "verified", exitCode: 0 });
  expect(lives).toBeGreaterThan(40);
  expect(server.ledger.paid).toHaveLength(answers);
  expect(new Set(server.ledger.paid.map((one) => one.request)).size).toBe(answers);
  expect(commands()).toEqual(everyCommandOnce);
  expect(journal().filter(({ kind }) => kind === "answer")).toHaveLength(answers);
  const out = join(root, "out");
  const notes = execFileSync("git", ["-C", out, "show", "HEAD:notes.txt"], { encoding: "utf8" });
  expect(notes).toBe("checked\n");
});

it("stopped by Ctrl-C in the middle, goes on with what was paid", async () => {
  const stopped = await start(9, "SIGINT");
  expect(stopped.outcome).toBe("AUTOSD-RUN-INTERRUPTED");
  const paid = server.ledger.paid.length;
  expect(paid).toBeGreaterThan(0);
  expect(await start(null)).toMatchObject({ outcome: "verified", exitCode: 0 });
  expect(server.ledger.paid).toHaveLength(answers);
  expect(commands()).toEqual(everyCommandOnce);
});

/** Answers that are on record, each named by what was asked. */
function answered(): readonly string[] {
  return journal()
    .filter(({ kind }) => kind === "answer")
    .map(({ story, turn, prompt = "" }) => `${story} ${turn} ${prompt}`);
}

it.each([
  // Its command reads everything: what was made ahead is stale, and made again on another tree.
  { allowStale: false, decision: "stale", answers: answers + honestSecond.length },
  { allowStale: true, decision: "stale-accepted", answers },
])(
  "killed again and again with two workers, pays for no answer twice that is on record: $decision",
  async ({ allowStale, decision, answers: wanted }) => {
    const parallel = { workers: 2, allowStale, rule: "read-set" as const };
    let lives = 0;
    let end: WorkerEnd;
    do {
      end = await start(recordsOfALife, "SIGKILL", { parallel });
      lives += 1;
    } while (end.signal === "SIGKILL" && lives < maxLives);
    expect(end).toMatchObject({ signal: null, outcome: "verified", exitCode: 0 });
    expect(lives).toBeGreaterThan(2);
    expect(answered()).toHaveLength(wanted);
    expect(new Set(answered()).size).toBe(wanted);
    // A kill can take the answer of each worker that was under way.
    expect(server.ledger.paid.length - wanted).toBeLessThanOrEqual(2 * lives);
    const decisions = journal().filter(({ kind }) => kind === "prefetch");
    expect(new Set(decisions.map((one) => one.decision))).toEqual(new Set([decision]));
    const subjects = execFileSync("git", ["-C", join(root, "out"), "log", "--format=%s"]);
    expect(subjects.toString().split("\n").filter(Boolean)).toHaveLength(2);
  },
);
