import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LockAttempt, LockTaker, PartitionLock } from "./partition-lock.port.ts";

/** What the contract needs: two processes' views of the same locks. */
export interface LocksUnderTest {
  readonly mine: PartitionLock;
  readonly other: PartitionLock;
  close(): Promise<void>;
}

/** What every partition lock does; an adapter's tests call it. */
export function partitionLockContract(name: string, open: () => Promise<LocksUnderTest>): void {
  describe(`${name}: partition lock`, () => {
    let locks: LocksUnderTest;
    const held: LockAttempt[] = [];
    beforeEach(async () => {
      locks = await open();
    });
    afterEach(async () => {
      for (const attempt of held.splice(0)) if (attempt.kind === "held") await attempt.release();
      await locks.close();
    });
    const acquire = async (
      lock: PartitionLock,
      partition: string,
      taker: LockTaker,
    ): Promise<LockAttempt> => {
      const attempt = await lock.acquire(partition, taker);
      held.push(attempt);
      return attempt;
    };

    it("is held by one at a time, and says by whom", async () => {
      expect((await acquire(locks.mine, "/p", "run_1")).kind).toBe("held");
      const refused = { kind: "busy", holder: { pid: process.pid, runId: "run_1" } };
      expect(await acquire(locks.other, "/p", "run_2")).toMatchObject(refused);
      expect(await acquire(locks.mine, "/p", "run_3")).toMatchObject(refused);
      expect(await locks.other.holder("/p")).toMatchObject(refused.holder);
    });

    it("is free again after its release, for anybody", async () => {
      const attempt = await locks.mine.acquire("/p", "run_1");
      if (attempt.kind === "held") await attempt.release();
      expect(await locks.other.holder("/p")).toBeUndefined();
      expect((await acquire(locks.other, "/p", "run_2")).kind).toBe("held");
      expect(await locks.mine.holder("/p")).toMatchObject({ pid: process.pid, runId: "run_2" });
    });

    it("says which command holds it that is no run, and since when", async () => {
      const taker = { command: "autosd refine" };
      expect((await acquire(locks.mine, "/p", taker)).kind).toBe("held");
      const holder = await locks.other.holder("/p");
      expect(holder).toMatchObject({ pid: process.pid, ...taker });
      expect(holder?.runId).toBeUndefined();
      expect(holder?.sinceMs).toBeTypeOf("number");
    });

    it("keeps partitions apart, however alike their names", async () => {
      const names = ["/p", "/P", "/p/", "-p", "/a b", "/a-b", "/../p", `/${"x".repeat(3_000)}`];
      for (const name of names)
        expect((await acquire(locks.mine, name, "run_1")).kind, name).toBe("held");
      expect(await locks.other.holder("/q")).toBeUndefined();
    });

    it("is never made to look busy by onlookers", async () => {
      for (let round = 0; round < 30; round += 1) {
        const onlookers = Array.from({ length: 8 }, () => locks.other.holder("/p"));
        const attempt = await locks.mine.acquire("/p", "run_1");
        expect(attempt.kind).toBe("held");
        await Promise.all(onlookers);
        if (attempt.kind === "held") await attempt.release();
      }
    });

    it("goes to exactly one of many who ask at once", async () => {
      const attempts = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          acquire(index % 2 === 0 ? locks.mine : locks.other, "/p", `run_${index}`),
        ),
      );
      expect(attempts.filter((attempt) => attempt.kind === "held")).toHaveLength(1);
    });
  });
}
