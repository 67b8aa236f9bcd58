import { describe, expect, it } from "vitest";
import type { Timer } from "./timer.port.ts";

/** What every timer does; an adapter's tests call it. */
export function timerContract(name: string, timer: Timer): void {
  describe(`${name}: timer`, () => {
    it("resolves after the wait, at once for none", async () => {
      const stop = new AbortController();
      const { signal } = stop;
      const startedMs = performance.now();
      await timer.wait(20, signal);
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(15);
      let isOver = false;
      const long = timer.wait(3_600_000, signal).then(() => (isOver = true));
      await timer.wait(0, signal);
      await timer.wait(-5, signal);
      expect(isOver).toBe(false);
      stop.abort();
      await long;
    });

    it("resolves when it is aborted, before or while it waits", async () => {
      const controller = new AbortController();
      let isOver = false;
      const wait = timer.wait(3_600_000, controller.signal).then(() => (isOver = true));
      await timer.wait(5, new AbortController().signal);
      expect(isOver).toBe(false);
      controller.abort();
      await wait;
      expect(isOver).toBe(true);
      await expect(timer.wait(3_600_000, controller.signal)).resolves.toBeUndefined();
    });

    it("does not end at once because the wait is too long for the machine", async () => {
      const controller = new AbortController();
      let isOver = false;
      const wait = timer.wait(2 ** 40, controller.signal).then(() => {
        isOver = true;
      });
      await timer.wait(10, new AbortController().signal);
      expect(isOver).toBe(false);
      controller.abort();
      await wait;
    });
  });
}
