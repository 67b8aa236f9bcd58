import { generateKeyPairSync } from "node:crypto";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifySignature } from "../../governance/keys/public-key.ts";
import { createDelegationKeys } from "./delegation-keys.ts";
import { createHandedFiles } from "./handed-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-handed-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("delegation keys", () => {
  it("are made for their owner alone, and sign", async () => {
    const keys = createDelegationKeys(folder);
    const jwk = await keys.create("agent.key");
    expect((await stat(join(folder, "agent.key"))).mode & 0o777).toBe(0o600);
    const signer = await keys.signer("agent.key");
    expect(signer).toMatchObject({ jwk, protection: "unprotected" });
    const message = Buffer.from("message");
    expect(verifySignature(jwk, message, await signer.sign(message))).toBe(true);
  });

  it("are never made over what is there, link or file", async () => {
    const keys = createDelegationKeys(folder);
    const victim = join(folder, "victim");
    await writeFile(victim, "kept");
    await symlink(victim, join(folder, "link"));
    await symlink(join(folder, "nowhere"), join(folder, "dangling"));
    for (const name of ["victim", "link", "dangling"])
      await expect(keys.create(name)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
    expect(await readFile(victim, "utf8")).toBe("kept");
    expect(await readdir(folder)).not.toContain("nowhere");
    await expect(keys.create("no/folder")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
  });

  it.each([0o640, 0o604, 0o620])("are refused when others can reach them (%o)", async (mode) => {
    const keys = createDelegationKeys(folder);
    await keys.create("agent.key");
    await chmod(join(folder, "agent.key"), mode);
    await expect(keys.signer("agent.key")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  });

  it("are refused behind a link, when missing, and when damaged", async () => {
    const keys = createDelegationKeys(folder);
    await keys.create("agent.key");
    await symlink(join(folder, "agent.key"), join(folder, "link"));
    await expect(keys.signer("link")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
    await expect(keys.signer("none")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
    const other = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
    const own = JSON.parse(await readFile(join(folder, "agent.key"), "utf8")) as object;
    for (const text of ["", "{}", "[", JSON.stringify({ ...own, x: other.x })]) {
      await writeFile(join(folder, "agent.key"), text);
      await expect(keys.signer("agent.key")).rejects.toMatchObject({
        code: "AUTOSD-PREAUTH-INPUT",
      });
    }
  });
});

describe("handed files", () => {
  it("are replaced whole; a link is replaced, not followed", async () => {
    const files = createHandedFiles(folder);
    const victim = join(folder, "victim");
    await writeFile(victim, "kept");
    await symlink(victim, join(folder, "grant.json"));
    await files.write("grant.json", Buffer.from("new"));
    expect(await readFile(victim, "utf8")).toBe("kept");
    expect(Buffer.from(await files.read("grant.json", 100)).toString()).toBe("new");
    await files.write("grant.json", Buffer.from("newer"));
    expect(Buffer.from(await files.read("grant.json", 100)).toString()).toBe("newer");
    expect((await readdir(folder)).sort()).toEqual(["grant.json", "victim"]);
  });

  it("leave nothing behind where they cannot be written", async () => {
    const files = createHandedFiles(folder);
    await expect(files.write("no/grant.json", Buffer.from("x"))).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
    // A folder of that name: the rename fails, and the temporary file goes.
    await mkdir(join(folder, "taken"));
    await expect(files.write("taken", Buffer.from("x"))).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
    expect(await readdir(folder)).toEqual(["taken"]);
  });
});
