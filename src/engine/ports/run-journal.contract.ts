import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournaledRun, JournaledStep, RunJournal } from "./run-journal.port.ts";

/** What the contract needs from an adapter. */
export interface JournalUnderTest {
  readonly journal: RunJournal;
  close(): Promise<void>;
}

function pendingRun(runId: string, change: Partial<JournaledRun> = {}): JournaledRun {
  return {
    runId,
    flow: "run",
    version: 3,
    partition: "/p",
    status: "pending",
    input: '{"a":1}',
    output: undefined,
    error: undefined,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000,
    executions: 0,
    cancelRequested: false,
    ...change,
  };
}

function step(position: number, change: Partial<JournaledStep> = {}): JournaledStep {
  return {
    position,
    name: `step-${position}`,
    kind: "step",
    state: "intended",
    startedAtMs: 5,
    endedAtMs: undefined,
    deadlineMs: undefined,
    output: undefined,
    error: undefined,
    ...change,
  };
}

/** What every journal of runs does; an adapter's tests call it. */
export function runJournalContract(name: string, open: () => Promise<JournalUnderTest>): void {
  describe(`${name}: run journal`, () => {
    let underTest: JournalUnderTest;
    let journal: RunJournal;
    beforeEach(async () => {
      underTest = await open();
      journal = underTest.journal;
    });
    afterEach(() => underTest.close());

    const begin = (runId: string): Promise<number> =>
      journal.transaction((tx) => journal.beginExecution(runId, 9, tx));

    it("keeps the first run of an id, whole", async () => {
      const run = pendingRun("run_1", { error: '{"code":"X"}', input: undefined });
      expect(await journal.addRun(run)).toEqual(run);
      expect(await journal.addRun(pendingRun("run_1"))).toEqual(run);
      expect(await journal.run("run_1")).toEqual(run);
      expect(await journal.run("run_2")).toBeUndefined();
    });

    it("numbers executions and takes over what was left running in the partition", async () => {
      await journal.addRun(pendingRun("run_1"));
      await journal.addRun(pendingRun("run_2"));
      await journal.addRun(pendingRun("run_3", { partition: "/q" }));
      expect(await begin("run_1")).toBe(1);
      expect(await begin("run_3")).toBe(1);
      expect(await begin("run_2")).toBe(1);
      expect((await journal.run("run_1"))?.status).toBe("interrupted");
      expect((await journal.run("run_3"))?.status).toBe("running");
      expect(await begin("run_1")).toBe(2);
      const running = await journal.running();
      expect(running.map(({ runId, executions }) => `${runId}/${executions}`).toSorted()).toEqual([
        "run_1/2",
        "run_3/1",
      ]);
    });

    it("refuses the writes of an execution that is over", async () => {
      await journal.addRun(pendingRun("run_1"));
      expect(await journal.putStep("run_1", 0, step(0))).toBe(false);
      const first = await begin("run_1");
      const second = await begin("run_1");
      expect(await journal.putStep("run_1", first, step(0))).toBe(false);
      expect(await journal.endExecution("run_1", first, { status: "failed", atMs: 1 })).toBe(false);
      expect(await journal.putStep("run_1", second, step(0))).toBe(true);
      const end = { status: "succeeded", output: "1", atMs: 11 } as const;
      expect(await journal.endExecution("run_1", second, end)).toBe(true);
      expect(await journal.putStep("run_1", second, step(1))).toBe(false);
      expect(await journal.endExecution("run_1", second, end)).toBe(false);
      expect(await journal.steps("run_1")).toHaveLength(1);
      expect(await journal.run("run_1")).toMatchObject({
        status: "succeeded",
        output: "1",
        updatedAtMs: 11,
      });
    });

    it("replaces a step by its position and gives steps in order", async () => {
      await journal.addRun(pendingRun("run_1"));
      const execution = await begin("run_1");
      const done = step(10, { state: "done", endedAtMs: 8, deadlineMs: 7, output: '"x"' });
      const failed = step(2, { state: "failed", error: "{}", kind: "effect" });
      for (const written of [step(10), done, failed])
        await journal.putStep("run_1", execution, written);
      expect(await journal.steps("run_1")).toEqual([failed, done]);
      expect(await journal.steps("run_2")).toEqual([]);
    });

    it("undoes what was written in a transaction that throws", async () => {
      await journal.addRun(pendingRun("run_1"));
      const execution = await begin("run_1");
      const work = journal.transaction(async (tx) => {
        await journal.putStep("run_1", execution, step(0), tx);
        await journal.requestCancel("run_1", 12, tx);
        expect((await journal.run("run_1", tx))?.cancelRequested).toBe(true);
        throw new Error("no");
      });
      await expect(work).rejects.toThrow("no");
      expect(await journal.steps("run_1")).toEqual([]);
      expect((await journal.run("run_1"))?.cancelRequested).toBe(false);
    });

    it("gives each signal once, oldest first, by topic and run", async () => {
      await journal.addRun(pendingRun("run_1"));
      await journal.addRun(pendingRun("run_2"));
      await journal.addSignal("run_1", "go", "1", 1);
      await journal.addSignal("run_2", "go", "9", 1);
      await journal.addSignal("run_1", "go", undefined, 1);
      const take = (topic: string): Promise<{ readonly payload: string | undefined } | undefined> =>
        journal.transaction((tx) => journal.takeSignal("run_1", topic, 4, tx));
      expect(await journal.hasSignal("run_1", "other")).toBe(false);
      expect(await take("other")).toBeUndefined();
      expect(await take("go")).toEqual({ payload: "1" });
      expect(await journal.hasSignal("run_1", "go")).toBe(true);
      expect(await take("go")).toEqual({ payload: undefined });
      expect(await take("go")).toBeUndefined();
      expect(await journal.hasSignal("run_1", "go")).toBe(false);
    });

    it("remembers all signals of a run, those that were taken too", async () => {
      await journal.addRun(pendingRun("run_1"));
      await journal.addRun(pendingRun("run_2"));
      await journal.addSignal("run_1", "go", "1", 1);
      await journal.addSignal("run_2", "go", "9", 1);
      await journal.addSignal("run_1", "other", "8", 1);
      await journal.addSignal("run_1", "go", "2", 1);
      await journal.transaction((tx) => journal.takeSignal("run_1", "go", 4, tx));
      const sent = await journal.signals("run_1", "go");
      expect(sent.map(({ payload }) => payload)).toEqual(["1", "2"]);
      expect(await journal.signals("run_3", "go")).toEqual([]);
    });

    it("lists a dead execution as interrupted, and a later one of the same run as running", async () => {
      await journal.addRun(pendingRun("run_1"));
      const execution = await begin("run_1");
      const list = async (
        status: "running" | "interrupted",
        executions: number,
      ): Promise<readonly string[]> => {
        const dead = [{ runId: "run_1", executions }];
        const runs = await journal.runs({ limit: 9, status: [status] }, dead);
        return runs.map((run) => run.status);
      };
      expect(await list("interrupted", execution)).toEqual(["interrupted"]);
      expect(await list("running", execution)).toEqual([]);
      expect(await list("running", execution - 1)).toEqual(["running"]);
      expect(await list("interrupted", execution - 1)).toEqual([]);
    });

    it("ends a run that nobody executes", async () => {
      await journal.addRun(pendingRun("run_1"));
      await journal.transaction((tx) =>
        journal.endIdle("run_1", { status: "cancelled", atMs: 13 }, tx),
      );
      expect(await journal.run("run_1")).toMatchObject({ status: "cancelled", updatedAtMs: 13 });
    });
  });
}
