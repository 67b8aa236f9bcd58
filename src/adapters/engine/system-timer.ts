import { setTimeout as pause } from "node:timers/promises";
import type { Timer } from "../../engine/ports/timer.port.ts";

/** The longest wait that a Node timer can express; longer ones end early and are asked for again. */
const maxTimerMs = 2 ** 31 - 1;

/** Waits on the machine's clock. */
export const systemTimer: Timer = {
  async wait(ms, signal) {
    try {
      await pause(Math.min(Math.max(0, ms), maxTimerMs), undefined, { signal });
    } catch (error) {
      // The abort is the caller's to notice; only that one is expected here.
      if (!signal.aborted) throw error;
    }
  },
};
