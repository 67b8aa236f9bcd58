import { describe, expect, test } from "vitest";
import { unknownLimits, type LimitState } from "./limit-records.ts";
import type { LimitStore } from "./limit-store.port.ts";

/** `open` makes a store on the same place each time it is called within one test. */
export function limitStoreContract(name: string, open: () => LimitStore): void {
  describe(`limit store: ${name}`, () => {
    const at = (notBeforeMs: number): LimitState => ({ ...unknownLimits, notBeforeMs });

    test("a key that nobody changed has no state; afterwards it has the one that was made", async () => {
      const store = open();
      const first = await store.change("new", (state) => [at(7), state]);
      const second = await store.change("new", (state) => [at(8), state]);
      expect(first).toBeUndefined();
      expect(second).toEqual(at(7));
    });

    test("keys are apart", async () => {
      const store = open();
      await store.change("left", () => [at(1), undefined]);
      expect(await store.change("right", (state) => [at(2), state])).toBeUndefined();
    });

    test("changes asked for at once follow one another", async () => {
      const store = open();
      const count = 25;
      await Promise.all(
        Array.from({ length: count }, () =>
          store.change("shared", (state = at(0)) => [at(state.notBeforeMs + 1), undefined]),
        ),
      );
      expect(await store.change("shared", (state = at(0)) => [state, state.notBeforeMs])).toBe(
        count,
      );
    });

    test("a change that throws changes nothing and stops nobody", async () => {
      const store = open();
      await store.change("thrown", () => [at(3), undefined]);
      await expect(
        store.change("thrown", () => {
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
      expect(await store.change("thrown", (state) => [at(4), state])).toEqual(at(3));
    });
  });
}
