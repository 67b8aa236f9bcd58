import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalEngine } from "../../src/adapters/engine/local-engine.ts";
import { createPartitionLock } from "../../src/adapters/engine/partition-lock.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { systemIds } from "../../src/adapters/process/system-ids.ts";
import { type Database, openDatabase } from "../../src/adapters/store/database.ts";
import { createProjectStore } from "../../src/adapters/store/project-store.ts";
import { createRunJournal } from "../../src/adapters/store/run-journal.ts";
import type { EngineClient } from "../../src/engine/ports/run-engine.port.ts";
import { bundleWorker } from "./bundle.ts";
import { type KillPoint, type Mutant, runWorker, type WorkerEnd } from "./chaos-driver.ts";
import { chaosFlow } from "./chaos-flow.ts";
import { readLedger } from "./ledger.ts";
import { keyOf, type KillSnapshot, violationsOf } from "./ledger-check.ts";

const seed = Number.parseInt(process.env["AUTOSD_CHAOS_SEED"] ?? "", 10) || Date.now() % 1e9;
const workersAtOnce = 2;
const randomRuns = 24;
const leastKills = 100;
/** A kill may come too late to hit anything: then more runs are tried, up to this many. */
const maxRandomRuns = 72;
const killsPerRandomRun = 3;

let folder: string;
let home: string;
let ledger: string;
let program: string;
let database: Database;
let engine: EngineClient;
let runCount = 0;
let killCount = 0;
let undisturbed: WorkerEnd;

beforeAll(async () => {
  console.log(`chaos seed: ${seed} (repeat with AUTOSD_CHAOS_SEED=${seed})`);
  folder = await mkdtemp(join(tmpdir(), "autosd-chaos-"));
  home = join(folder, "home");
  ledger = join(folder, "ledger.jsonl");
  await writeFile(ledger, "");
  program = await bundleWorker("chaos-worker", folder);
  database = await openDatabase({ home });
  engine = createLocalEngine({
    journal: createRunJournal(database),
    lock: createPartitionLock(join(home, "locks")),
    clock: systemClock,
    ids: systemIds,
  });
  const runId = await submitRun();
  undisturbed = await runWorker(program, { home, ledger, runId });
  expect(await violationsIn(runId, [], undisturbed)).toEqual([]);
});

afterAll(async () => {
  await engine.close();
  await database.close();
  await rm(folder, { recursive: true });
});

/** A run that has its approval waiting for it. */
async function submitRun(): Promise<string> {
  runCount += 1;
  const runId = `run_${runCount}`;
  const flow = chaosFlow({
    ledger,
    projects: createProjectStore(database),
    counted: async () => 0,
    random: () => "",
    mark: () => undefined,
  });
  await engine.submit(flow, {}, { runId, partition: `/projects/${runId}` });
  await engine.signal(runId, "approval", { by: runId });
  return runId;
}

async function snapshot(runId: string): Promise<KillSnapshot> {
  const steps = await engine.steps(runId);
  const done = steps.filter((step) => step.state === "done");
  return {
    ledgerLength: readLedger(ledger).length,
    doneKeys: new Set(done.map((step) => keyOf(runId, step))),
  };
}

async function violationsIn(
  runId: string,
  kills: readonly KillSnapshot[],
  end: WorkerEnd,
): Promise<readonly string[]> {
  return violationsOf({
    run: await engine.get(runId),
    steps: await engine.steps(runId),
    project: await createProjectStore(database).get(runId),
    ledger: readLedger(ledger),
    kills,
    result: end.result,
  });
}

/** Kills a fresh run at each point in turn, lets it finish, and tells what went wrong. */
async function disturbed(points: readonly KillPoint[], mutant?: Mutant): Promise<string[]> {
  const runId = await submitRun();
  const kills: KillSnapshot[] = [];
  for (const point of points) {
    const end = await runWorker(program, { home, ledger, runId, mutant }, point);
    if (!end.isKilled) break;
    killCount += 1;
    kills.push(await snapshot(runId));
    const shown = (await engine.get(runId))?.status;
    if (shown === "running") return [`${runId}: killed, but shown as running`];
  }
  const end = await runWorker(program, { home, ledger, runId, mutant });
  const where = JSON.stringify(points);
  return (await violationsIn(runId, kills, end)).map((text) => `${runId} ${where}: ${text}`);
}

/** Several at once: the database and the machine are shared, as they are in a fleet. */
async function all(campaign: readonly (() => Promise<string[]>)[]): Promise<string[]> {
  const waiting = [...campaign];
  const found: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      found.push(...(await next()));
  };
  await Promise.all(Array.from({ length: workersAtOnce }, worker));
  return found;
}

/** Mulberry32: the same numbers for the same seed. */
function randomNumbers(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("kill -9", () => {
  it("at every boundary of the journal leaves a run that resumes as if undisturbed", async () => {
    // Reading changes nothing, and neither does asking for a transaction.
    const isBoundary = (name: string): boolean =>
      !/-(run|running|steps|hasSignal)$|^before-transaction$/.test(name);
    const points = undisturbed.marks
      .map((name, index) => ({ name, number: index + 1 }))
      .filter(({ name }) => isBoundary(name));
    expect(points.length).toBeGreaterThan(50);
    const found = await all(
      points.map(
        ({ number }) =>
          () =>
            disturbed([{ kind: "mark", number }]),
      ),
    );
    expect(found).toEqual([]);
    expect(killCount).toBe(points.length);
  });

  it("at random instants, several times in one run, does no harm", async () => {
    const random = randomNumbers(seed);
    const bytes = undisturbed.marks.join("\nMARK ").length;
    const plan = (): KillPoint[] =>
      Array.from({ length: killsPerRandomRun }, () => ({
        kind: "bytes",
        count: 1 + Math.floor(random() * bytes * 0.6),
      }));
    const found: string[] = [];
    let runs = 0;
    while (runs < randomRuns || (killCount < leastKills && runs < maxRandomRuns)) {
      const plans = Array.from({ length: workersAtOnce * 4 }, plan);
      runs += plans.length;
      found.push(...(await all(plans.map((points) => () => disturbed(points)))));
    }
    expect(found, `seed ${seed}`).toEqual([]);
  });

  it(`has been tried at least ${leastKills} times`, () => {
    console.log(`chaos kills: ${killCount}`);
    expect(killCount).toBeGreaterThanOrEqual(leastKills);
  });
});

describe("the checker", () => {
  const numberOf = (name: string): number => undisturbed.marks.lastIndexOf(name) + 1;

  it("catches an engine that does not remember steps", async () => {
    const found = await disturbed(
      [{ kind: "mark", number: numberOf("before-act") }],
      "no-remembered-steps",
    );
    expect(found.join("\n")).toMatch(/finished step .* was executed again/);
    expect(found.join("\n")).toMatch(/effects happened twice/);
  });

  it("catches an engine that does not look for its intents", async () => {
    const found = await disturbed(
      [{ kind: "mark", number: numberOf("after-act") }],
      "no-intent-lookup",
    );
    expect(found.join("\n")).toMatch(/effects happened twice/);
  });
});
