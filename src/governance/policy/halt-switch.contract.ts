import { beforeEach, describe, expect, it } from "vitest";
import type { Halt, HaltSwitch } from "./halt-switch.port.ts";

const halt: Halt = { project: "shop", reason: "wrong prices", by: "ana", atMs: 1_000 };
const everything: Halt = { project: "*", reason: "key leaked", by: "ana", atMs: 2_000 };

/** What every halt switch does. `make` gives an empty one. */
export function describeHaltSwitch(name: string, make: () => Promise<HaltSwitch>): void {
  describe(`halt switch: ${name}`, () => {
    let halts: HaltSwitch;
    beforeEach(async () => {
      halts = await make();
    });

    it("halts nothing at first", async () => {
      expect(await halts.haltOf("shop")).toBeUndefined();
      expect(await halts.list()).toEqual([]);
      expect(await halts.lift("shop")).toBe(false);
    });

    it("halts the project that is named and no other", async () => {
      await halts.halt(halt);
      expect(await halts.haltOf("shop")).toEqual(halt);
      expect(await halts.haltOf("shop2")).toBeUndefined();
      expect(await halts.haltOf("*")).toBeUndefined();
    });

    it("halts every project with *, the project's own halt first", async () => {
      await halts.halt(everything);
      expect(await halts.haltOf("shop")).toEqual(everything);
      expect(await halts.haltOf("*")).toEqual(everything);
      await halts.halt(halt);
      expect(await halts.haltOf("shop")).toEqual(halt);
      expect([...(await halts.list())].map((one) => one.project).sort()).toEqual(["*", "shop"]);
    });

    it("keeps the first reason when it is thrown again", async () => {
      await halts.halt(halt);
      await halts.halt({ ...halt, reason: "again", atMs: 9_000 });
      expect(await halts.list()).toEqual([halt]);
    });

    it("lifts one halt and leaves the other", async () => {
      await halts.halt(halt);
      await halts.halt(everything);
      expect(await halts.lift("*")).toBe(true);
      expect(await halts.haltOf("other")).toBeUndefined();
      expect(await halts.haltOf("shop")).toEqual(halt);
      expect(await halts.lift("shop")).toBe(true);
      expect(await halts.lift("shop")).toBe(false);
      expect(await halts.list()).toEqual([]);
    });

    it("is thrown once when many throw it at once", async () => {
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => halts.halt({ ...halt, by: `person-${index}` })),
      );
      expect(await halts.list()).toHaveLength(1);
    });
  });
}
