import { describe, expect, it } from "vitest";
import type { EvidenceStore, RememberedGate } from "./evidence-store.port.ts";

/** A gate as it could be remembered. */
export function sampleGate(verdict: "green" | "red" = "green"): RememberedGate {
  return {
    schema: "autosd/remembered-gate@1",
    evidence: {
      gate: "tests",
      verdict,
      command: ["npm", "test"],
      exitCode: 0,
      durationMs: 12,
      tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      outputDigest: `sha256:${"0".repeat(64)}`,
      finding: "1 test passed",
    },
    log: "output\n",
    tests: [{ file: "a.test.ts", name: "adds", outcome: "passed" }],
  };
}

/** What every EvidenceStore must do; `reopen` gives a store on the same place, as another process has it. */
export function evidenceStoreContract(
  name: string,
  open: () => Promise<{ readonly store: EvidenceStore; readonly reopen: () => EvidenceStore }>,
): void {
  describe(`${name}: remembered gates`, () => {
    it("gives back what was remembered, here and in the next process", async () => {
      const { store, reopen } = await open();
      expect(await store.recall("k1")).toBeUndefined();
      await store.remember("k1", sampleGate());
      expect(await store.recall("k1")).toEqual(sampleGate());
      expect(await reopen().recall("k1")).toEqual(sampleGate());
      expect(await store.recall("k2")).toBeUndefined();
    });

    it("remembers nothing that is not green", async () => {
      const { store, reopen } = await open();
      await store.remember("k1", sampleGate("red"));
      expect(await store.recall("k1")).toBeUndefined();
      expect(await reopen().recall("k1")).toBeUndefined();
    });

    it("keeps keys apart whatever is in them", async () => {
      const { store } = await open();
      await store.remember("../../etc", sampleGate());
      expect(await store.recall("../../etc")).toEqual(sampleGate());
      expect(await store.recall("etc")).toBeUndefined();
    });
  });
}
