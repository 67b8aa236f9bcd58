import { describe, expect, it } from "vitest";
import type { DecisionInput } from "./decision-input.ts";
import type { PolicyOverlay } from "./overlay.port.ts";

/** An action that nothing speaks against. */
export const harmlessInput: DecisionInput = {
  action: {
    action: "deploy",
    project: "shop",
    environment: "staging",
    target: "docker",
    commit: null,
    artifact: null,
    run: "run_1",
  },
  nowMs: 1_800_000_000_000,
  ceilingMicrousd: 0,
  grant: null,
  gates: [],
  lastActionAtMs: null,
  burning: [],
  sandbox: "isolated",
};

/** What every overlay does; the texts are in its own language. */
export function describePolicyOverlay(
  name: string,
  overlay: PolicyOverlay,
  texts: {
    readonly permitsAll: string;
    readonly forbidsProd: string;
    readonly damaged: readonly string[];
    /** Fails while it is evaluated for `harmlessInput`, and permits all the same. */
    readonly failing: string;
  },
): void {
  describe(`policy overlay: ${name}`, () => {
    const prod: DecisionInput = {
      ...harmlessInput,
      action: { ...harmlessInput.action, environment: "prod" },
    };

    it("permits what it permits and denies what it forbids", async () => {
      const all = await overlay.load(texts.permitsAll);
      expect(all.evaluate(harmlessInput).kind).toBe("permits");
      const some = await overlay.load(texts.forbidsProd);
      expect(some.evaluate(harmlessInput).kind).toBe("permits");
      expect(some.evaluate(prod).kind).toBe("denies");
    });

    it("denies what nothing permits", async () => {
      expect((await overlay.load("")).evaluate(harmlessInput).kind).toBe("denies");
    });

    it.each(texts.damaged)("is an error for every action with %j", async (text) => {
      expect((await overlay.load(text)).evaluate(harmlessInput).kind).toBe("error");
    });

    it("is an error when an evaluation fails, whatever else permits", async () => {
      expect((await overlay.load(texts.failing)).evaluate(harmlessInput).kind).toBe("error");
    });
  });
}
