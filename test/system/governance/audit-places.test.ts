import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuditLog } from "../../../src/adapters/governance/create-audit-log.ts";
import type { FilesystemType } from "../../../src/adapters/governance/filesystem-kind.ts";
import type { EntryDraft } from "../../../src/governance/audit/entry.ts";
import type { FullDiskOrders, FullDiskOutcome } from "../../chaos/audit-full-disk-worker.ts";
import { bundleWorker } from "../../chaos/bundle.ts";
import { reportUnavailable } from "../../support/report-unavailable.ts";
import { SmallDisk, smallDisksMissing } from "../../support/small-disk.ts";

const run = promisify(execFile);
const nowMs = Date.UTC(2026, 0, 31, 10);
const strangerUid = 65_534;
const nfs = 0x6969;

let root = "";
let home = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-audit-places-"));
  home = join(root, "home");
});
afterEach(() => rm(root, { recursive: true }));

function open(options: { logFile?: string; filesystemType?: FilesystemType } = {}) {
  return createAuditLog({
    home,
    logFile: join(home, "audit.log.jsonl"),
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    entropy: { bytes: (count) => randomBytes(count) },
    ...options,
  });
}

const draft: EntryDraft = { kind: "halt", actor: { type: "operator", id: "owner" }, project: "p" };
const append = (log = open()) => log.transact(async () => ({ append: [draft], value: undefined }));

describe("a disk without room", () => {
  it("permits nothing that it cannot record and sign, keeps the log as it was, and goes on afterwards", async () => {
    const missing = smallDisksMissing(root);
    if (missing !== undefined) {
      reportUnavailable("the audit log on a full disk", missing);
      return;
    }
    const program = await bundleWorker("audit-full-disk-worker", root);
    const small = join(root, "small");
    const large = join(root, "large");
    for (const folder of [small, large]) await mkdir(folder, { mode: 0o700 });
    const disk = await SmallDisk.mount(small, "256k");
    try {
      const orders: FullDiskOrders = { small, large };
      const [name, ...args] = disk.command([process.execPath, program, JSON.stringify(orders)]);
      const { stdout } = await run(name, args, { timeout: 60_000 });
      const outcomes = JSON.parse(stdout) as readonly FullDiskOutcome[];
      expect(outcomes).toHaveLength(12);
      for (const outcome of outcomes)
        expect(outcome).toEqual({
          ...outcome,
          code: "AUTOSD-AUDIT-UNWRITABLE",
          isLogAsBefore: true,
          failuresWhileFull: [],
          usesWhileFull: outcome.grantedBeforeFull,
          grantedAfterwards: true,
          failuresAfterwards: [],
          usesAfterwards: outcome.grantedBeforeFull + 1,
        });
      // With some pages left something is still permitted, so the room ended in different places.
      expect(new Set(outcomes.map((one) => one.grantedBeforeFull)).size).toBeGreaterThan(1);
    } finally {
      disk.close();
    }
  });
});

describe("files of somebody else", () => {
  it("are neither believed nor written, whichever they are", async () => {
    if (process.getuid?.() !== 0) {
      // Only root may give a file away; everybody can name one of root's as the log.
      await expect(open({ logFile: "/etc/passwd" }).facts()).rejects.toMatchObject({
        code: "AUTOSD-PREAUTH-STORE",
      });
      return;
    }
    await append();
    await append();
    const names = ["audit.log.jsonl", "audit/checkpoint", "audit/epochs.jsonl", "audit/epoch.key"];
    for (const name of [...names, "audit/lock", "audit/hashes", "audit"]) {
      const before = await readFile(join(home, "audit.log.jsonl"));
      await chown(join(home, name), strangerUid, strangerUid);
      await expect(append(), name).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
      await chown(join(home, name), 0, 0);
      expect(await readFile(join(home, "audit.log.jsonl"))).toEqual(before);
    }
    expect((await append()).entries[0]?.seq).toBe(2);
    expect(
      (await open().verify({ genesis: undefined, pins: [], checkpoints: [] })).failures,
    ).toEqual([]);
  });
});

describe("a network file system", () => {
  it.runIf(process.platform === "linux")(
    "is refused under the log or what signs it, before anything is made there",
    async () => {
      const logFile = join(root, "elsewhere", "audit.log.jsonl");
      await mkdir(join(root, "elsewhere"), { mode: 0o700 });
      for (const remote of [home, join(root, "elsewhere")]) {
        const filesystemType: FilesystemType = async (path) =>
          path.startsWith(remote) || remote.startsWith(path) ? nfs : 0xef53;
        await expect(append(open({ logFile, filesystemType })), remote).rejects.toMatchObject({
          code: "AUTOSD-AUDIT-UNWRITABLE",
          details: { filesystem: "NFS" },
        });
        expect(await readdir(root)).toEqual(["elsewhere"]);
      }
      const local: FilesystemType = async () => 0xef53;
      expect((await append(open({ logFile, filesystemType: local }))).entries).toHaveLength(1);
    },
  );
});
