import { beforeEach, describe, expect, it } from "vitest";
import type { PartitionLock } from "../../engine/ports/partition-lock.port.ts";
import {
  codeOf,
  executed,
  flowOf,
  never,
  partition,
} from "../../engine/ports/engine-under-test.contract.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { createMemoryLock, createTestEngine, type TestEngine } from "./test-engine.ts";

describe("two processes on one run", () => {
  let journal: MemoryJournal;
  let engine: TestEngine;
  let beforeAcquire: (() => Promise<unknown>) | undefined;
  let afterHolder: (() => Promise<unknown>) | undefined;

  beforeEach(() => {
    journal = new MemoryJournal();
    beforeAcquire = undefined;
    afterHolder = undefined;
    const memory = createMemoryLock();
    const lock: PartitionLock = {
      async acquire(name, runId) {
        const interruption = beforeAcquire;
        beforeAcquire = undefined;
        await interruption?.();
        return memory.acquire(name, runId);
      },
      async holder(name) {
        const holder = await memory.holder(name);
        await afterHolder?.();
        return holder;
      },
    };
    engine = createTestEngine({ journal, lock });
  });

  const begin = (runId: string): Promise<number> =>
    journal.transaction((tx) => journal.beginExecution(runId, 1, tx));

  it("stop the one whose lock was no lock: it remembers nothing more", async () => {
    const done: string[] = [];
    const flow = flowOf(async (ctx) => {
      await ctx.step("one", () => begin("run_1"));
      return ctx.step("two", async () => done.push("two"));
    });
    expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-SUPERSEDED");
    expect(done).toEqual([]);
    expect((await journal.steps("run_1"))[0]?.state).toBe("intended");
    expect((await journal.run("run_1"))?.status).toBe("running");
  });

  it("share the result when the other one ended the run just before this one got the lock", async () => {
    let count = 0;
    const flow = flowOf(async () => (count += 1));
    await engine.client.submit(flow, {}, { runId: "run_1", partition });
    beforeAcquire = () => engine.neighbour.execute(flow, "run_1", never);
    expect(await engine.client.execute(flow, "run_1", never)).toBe(1);
    expect(count).toBe(1);
  });

  it("are not shown as interrupted when one begins while the other is looked for", async () => {
    const flow = flowOf(async () => 1);
    await engine.client.submit(flow, {}, { runId: "run_1", partition });
    await begin("run_1");
    expect((await engine.client.get("run_1"))?.status).toBe("interrupted");
    afterHolder = () => begin("run_1");
    expect((await engine.client.get("run_1"))?.status).toBe("running");
  });
});
