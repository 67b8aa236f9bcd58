import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeGrantStore } from "../../governance/grants/grant-store.contract.ts";
import type { GrantStore } from "../../governance/grants/grant-store.port.ts";
import { createGrantFiles } from "./grant-files.ts";
import { createMemoryGrantStore } from "./memory-grant-store.ts";

const jti = "grt_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const other = "grt_01BX5ZZKBKACTAV9WEVGEMMVRZ";
const revocation = { jti, atMs: 1_000, reason: "left the team" };
const folders: string[] = [];

async function home(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "autosd-grants-"));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describeGrantStore("files", async () => createGrantFiles(await home()));
describeGrantStore("memory", async () => createMemoryGrantStore());

describe("files of grants", () => {
  let root: string;
  let grants: string;
  let revocations: string;
  let store: GrantStore;

  beforeEach(async () => {
    root = await home();
    grants = join(root, "preauth", "grants");
    revocations = join(root, "preauth", "revocations");
    store = createGrantFiles(root);
    await store.write(jti, new TextEncoder().encode("grant"));
  });

  it("are its owner's alone", async () => {
    await store.revoke(revocation);
    for (const folder of [grants, revocations])
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(grants, `${jti}.json`))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(revocations, `${jti}.json`), "utf8"))).toEqual({
      schema: "autosd/revocation@1",
      ...revocation,
    });
  });

  it("are refused when they are links, open to others or too large; the others still list", async () => {
    await symlink("/etc/hostname", join(grants, `${other}.json`));
    await expect(store.read(other)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
    expect((await store.readAll()).map((one) => [one.jti, one.kind])).toEqual([
      [jti, "file"],
      [other, "unreadable"],
    ]);
    await rm(join(grants, `${other}.json`));

    await writeFile(join(grants, `${other}.json`), "x".repeat(65_537), { mode: 0o600 });
    await expect(store.read(other)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });

    await chmod(join(grants, `${jti}.json`), 0o666);
    await expect(store.read(jti)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
    await chmod(join(grants, `${jti}.json`), 0o600);
    await chmod(grants, 0o755);
    await expect(store.read(jti)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
    await expect(store.list()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  });

  it("ignores what is no grant", async () => {
    await writeFile(join(grants, "notes.txt"), "x");
    await writeFile(join(grants, ".notes.0123456789ab.tmp"), "x");
    expect(await store.list()).toEqual([jti]);
  });

  it.each([
    ["empty", ""],
    ["cut short", '{"schema":"autosd/revocation@1","jti":"grt_01ARZ3ND'],
    ["of another schema", JSON.stringify({ schema: "autosd/revocation@2", ...revocation })],
    [
      "of another grant",
      JSON.stringify({ ...revocation, schema: "autosd/revocation@1", jti: other }),
    ],
    ["no UTF-8", Buffer.from([0xff, 0xfe])],
  ])("take a revocation that is %s for one that cannot be read", async (_name, content) => {
    await mkdir(revocations, { mode: 0o700 });
    await writeFile(join(revocations, `${jti}.json`), content, { mode: 0o600 });
    expect((await store.revocationOf(jti)).kind).toBe("unreadable");
    expect(await store.revokedIds()).toEqual(new Set([jti]));
  });

  it("take revocations that others can write, or that are links, for unreadable", async () => {
    await store.revoke(revocation);
    await chmod(join(revocations, `${jti}.json`), 0o666);
    expect((await store.revocationOf(jti)).kind).toBe("unreadable");
    await chmod(revocations, 0o777);
    expect((await store.revocationOf(other)).kind).toBe("unreadable");
    await rm(revocations, { recursive: true });
    await symlink("/nowhere", revocations);
    expect((await store.revocationOf(other)).kind).toBe("unreadable");
  });
});
