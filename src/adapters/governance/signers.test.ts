import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestSigner } from "../../../test/support/governed-place.ts";
import { testKey } from "../../../test/support/grants.ts";
import { exampleSigner } from "../../governance/keys/example-signers.ts";
import { sshBlobOf } from "../../governance/keys/public-key-file.ts";
import { describeSigner } from "../../governance/keys/signer.contract.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { createDelegationKeys } from "./delegation-keys.ts";
import { systemEntropy } from "./entropy.ts";
import { createHandedFiles } from "./handed-files.ts";
import { createKeyFiles } from "./key-files.ts";
import { createSshAgent, fingerprintOf } from "./ssh-agent.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-signers-"));
});
afterAll(() => rm(folder, { recursive: true }));

function keyFiles(name: string, passphraseFile?: string) {
  return createKeyFiles({
    home: join(folder, name),
    entropy: systemEntropy,
    clock: { now: () => 0, monotonicMs: () => 0 },
    passphrase: { file: passphraseFile, ask: undefined },
    agent: createSshAgent(undefined),
    recorded: async () => undefined,
  });
}

/** Made once, then read from its file as another process would. */
async function fromFile(name: string, passphraseFile?: string): Promise<Signer> {
  const keys = keyFiles(name, passphraseFile);
  const [kid = (await keys.create()).kid] = await keys.held();
  return keyFiles(name, passphraseFile).signer({ kid });
}

describeSigner("a key in a file without a passphrase", "unprotected", async (use) =>
  use(await fromFile("open")),
);

describeSigner("a key in a file with a passphrase", "passphrase", async (use) => {
  const file = join(folder, "passphrase");
  await writeFile(file, "four words of a poem\n");
  await chmod(file, 0o600);
  await use(await fromFile("locked", file));
});

describeSigner("a key of an SSH agent", "ssh-agent", (use) =>
  withAgent(async (socket, own) => {
    const { kid, jwk } = own;
    await use(createSshAgent(socket).signer({ kid, jwk, fingerprint: fingerprintOf(jwk) }));
  }),
);

describeSigner("a key that an agent delegates with", "unprotected", async (use) => {
  const keys = createDelegationKeys(folder);
  await keys.create("delegation.key").catch(() => undefined);
  await use(await keys.signer("delegation.key"));
});

describeSigner("a key of the tests by number", "unprotected", async (use) =>
  use(await exampleSigner(3)),
);
const ofPlace = createTestSigner();
describeSigner("a key of the tests of the door", "passphrase", (use) => use(ofPlace));
const ofGrants = testKey().signer;
describeSigner("a key of the tests of grants", "passphrase", (use) => use(ofGrants));

/** An agent of one key that answers requests to sign, one message a connection or several. */
async function withAgent(work: (socket: string, own: Signer) => Promise<void>): Promise<void> {
  const own = await exampleSigner(9);
  const socket = join(folder, "agent.sock");
  const server = createServer((connection) => {
    let pending = Buffer.alloc(0);
    connection.on("error", () => undefined);
    connection.on("data", (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
        const end = 4 + pending.readUInt32BE(0);
        const blobEnd = 9 + pending.readUInt32BE(5);
        const message = pending.subarray(blobEnd + 4, blobEnd + 4 + pending.readUInt32BE(blobEnd));
        expect(pending[4]).toBe(13);
        expect(pending.subarray(9, blobEnd)).toEqual(Buffer.from(sshBlobOf(own.jwk)));
        void own.sign(message).then((value) => {
          const signature = Buffer.concat([framed(Buffer.from("ssh-ed25519")), framed(value)]);
          connection.write(framed(Buffer.concat([Buffer.of(14), framed(signature)])));
        });
        pending = pending.subarray(end);
      }
    });
  });
  server.listen(socket);
  await once(server, "listening");
  try {
    await work(socket, own);
  } finally {
    server.close();
    await once(server, "close");
  }
}

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length, 0);
  return Buffer.concat([length, body]);
}

describe("a delegation key's file", () => {
  test("is never written over, and not used when others can read it", async () => {
    const keys = createDelegationKeys(folder);
    const jwk = await keys.create("agent.key");
    await expect(keys.create("agent.key")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
    expect((await keys.signer("agent.key")).jwk).toEqual(jwk);
    await chmod(join(folder, "agent.key"), 0o644);
    await expect(keys.signer("agent.key")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  });

  test.each([
    ["is not there", undefined],
    ["is of something else", "hello"],
    [
      "has another public half",
      JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "A".repeat(43), d: "A".repeat(43) }),
    ],
  ])("that %s is refused", async (_why, text) => {
    const name = "broken.key";
    await rm(join(folder, name), { force: true });
    if (text !== undefined) await writeFile(join(folder, name), text, { mode: 0o600 });
    await expect(createDelegationKeys(folder).signer(name)).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
  });
});

describe("a file that is handed over", () => {
  test("is written whole and read within its bound", async () => {
    const files = createHandedFiles(folder);
    await files.write("grant.json", Buffer.from("one"));
    await files.write("grant.json", Buffer.from("three"));
    expect(await files.read("grant.json", 5)).toEqual(new Uint8Array(Buffer.from("three")));
    await expect(files.read("grant.json", 4)).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
  });

  test.each(["nowhere/grant.json", "."])("%s cannot be written, which is said", async (path) => {
    await expect(createHandedFiles(folder).write(path, new Uint8Array())).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
  });
});
