import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { LockHolder, PartitionLock } from "../../engine/ports/partition-lock.port.ts";
import type { EngineClient } from "../../engine/ports/run-engine.port.ts";
import type { RunJournal } from "../../engine/ports/run-journal.port.ts";
import type { Timer } from "../../engine/ports/timer.port.ts";
import type { Tx } from "../../state/tx.ts";
import { createLocalEngine } from "./local-engine.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { type CrashPoint, MortalJournal } from "./mortal-journal.ts";

/** The local engine over memory, with a clock of its own, that can crash and start again. */
export interface TestEngine {
  /** The client of the process now alive; a new one after `restart`. */
  readonly client: EngineClient;
  /** Another process over the same memory and locks. */
  readonly neighbour: EngineClient;
  readonly clock: Clock & { advance(ms: number): void };
  readonly ids: Ids;
  readonly onRollback: (tx: Tx, undo: () => void) => void;
  /** At the next such point the process is as good as dead, and its call throws TestCrash. */
  crashAt(point: CrashPoint): void;
  /** A new process over what was remembered. Await what the dead one executed first: its locks go with it. */
  restart(): EngineClient;
}

export interface TestEngineOptions {
  /** Epoch milliseconds at which time begins. */
  readonly startMs?: number;
  /** Instead of memory. */
  readonly journal?: RunJournal;
  readonly lock?: PartitionLock;
}

/** Waits end at once and move the clock. */
export function createTestEngine(options: TestEngineOptions = {}): TestEngine {
  const memory = new MemoryJournal();
  const lasting = options.journal ?? memory;
  const lock = options.lock ?? createMemoryLock();
  const clock = createTestClock(options.startMs ?? Date.UTC(2026, 0, 1));
  const ids = createTestIds();
  const timer: Timer = {
    async wait(ms, signal) {
      if (!signal.aborted) clock.advance(ms);
      await nextTurn();
    },
  };
  let journal = new MortalJournal(lasting);
  const start = (): EngineClient => {
    journal = new MortalJournal(lasting);
    return createLocalEngine({ journal, lock, clock, ids, timer });
  };
  let client = start();
  return {
    get client() {
      return client;
    },
    neighbour: createLocalEngine({ journal: lasting, lock, clock, ids, timer }),
    clock,
    ids,
    onRollback: memory.onRollback,
    crashAt: (point) => {
      journal.crashPoint = point;
    },
    restart: () => {
      journal.die();
      client = start();
      return client;
    },
  };
}

function createTestClock(startMs: number): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    advance: (ms) => {
      nowMs += Math.max(0, ms);
    },
  };
}

function createTestIds(): Ids {
  let count = 0;
  return {
    next: (prefix) => {
      count += 1;
      return `${prefix}_${String(count).padStart(26, "0")}`;
    },
  };
}

/** Locks of one process, for tests of flows. */
export function createMemoryLock(): PartitionLock {
  const holders = new Map<string, LockHolder>();
  return {
    async acquire(partition, taker) {
      const holder = holders.get(partition);
      if (holder !== undefined) return { kind: "busy", holder };
      const who = typeof taker === "string" ? { runId: taker } : { runId: undefined, ...taker };
      holders.set(partition, { pid: process.pid, ...who, sinceMs: 0 });
      return {
        kind: "held",
        async release() {
          holders.delete(partition);
        },
      };
    },
    async holder(partition) {
      return holders.get(partition);
    },
  };
}
