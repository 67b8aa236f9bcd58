import { randomBytes } from "node:crypto";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { auditMark } from "./audit-mark.ts";
import { createAuditLog } from "./create-audit-log.ts";

let home: string;
let logFile: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "autosd-mark-"));
  logFile = join(home, "audit.log.jsonl");
});
afterEach(() => rm(home, { recursive: true }));

const mark = () => auditMark(home, logFile);

it("is another one after each entry, and none before the first", async () => {
  expect(await mark()).toBeUndefined();
  const log = createAuditLog({
    ...{ home, logFile },
    clock: { now: () => 1, monotonicMs: () => 1 },
    entropy: { bytes: (count) => randomBytes(count) },
  });
  const marks = new Set<string | undefined>();
  for (let count = 0; count < 3; count += 1) {
    const actor = { type: "operator", id: "ana" } as const;
    await log.transact(async () => ({ append: [{ kind: "intent", actor }], value: undefined }));
    marks.add(await mark());
    marks.add(await mark());
  }
  await log.close();
  expect(marks.has(undefined)).toBe(false);
  expect(marks.size).toBe(3);
});

it("is there for what cannot be looked at, so that reading says why", async () => {
  await symlink("nowhere", logFile);
  expect(await mark()).toBeDefined();
  expect(await auditMark(home, join(home, "x".repeat(300)))).toContain("ENAMETOOLONG");
});
