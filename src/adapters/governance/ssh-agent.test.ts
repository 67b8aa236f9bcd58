import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportUnavailable } from "../../../test/support/report-unavailable.ts";
import { exampleSigner } from "../../governance/keys/example-signers.ts";
import { parsePublicKeyFile, sshBlobOf } from "../../governance/keys/public-key-file.ts";
import { verifySignature } from "../../governance/keys/public-key.ts";
import { createSshAgent, fingerprintOf } from "./ssh-agent.ts";

const message = Buffer.from("message");
const keysError = { code: "AUTOSD-PREAUTH-KEYS" };
let folder = "";
let socket = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-agent-"));
  socket = join(folder, "agent.sock");
});
afterEach(() => rm(folder, { recursive: true }));

describe("the agent of OpenSSH", () => {
  test("lists and signs with the Ed25519 keys that it holds, and no others", async () => {
    if (!hasOpenSsh()) {
      reportUnavailable("the SSH agent", "OpenSSH (openssh-client) is not installed");
      return;
    }
    const agent = spawn("ssh-agent", ["-D", "-a", socket], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(agent.stdout, "data");
      const environment = { ...process.env, SSH_AUTH_SOCK: socket };
      const add = (type: readonly string[], name: string) => {
        const file = join(folder, name);
        execFileSync("ssh-keygen", ["-q", ...type, "-N", "", "-C", name, "-f", file]);
        execFileSync("ssh-add", ["-q", file], { env: environment });
        return file;
      };
      const file = add(["-t", "ed25519"], "one");
      add(["-t", "ecdsa"], "two");
      const listed = execFileSync("ssh-add", ["-l"], { env: environment, encoding: "utf8" });
      const keys = await createSshAgent(socket).keys();
      const parsed = parsePublicKeyFile(await readFile(`${file}.pub`));
      expect(keys.map((key) => key.kid)).toEqual([parsed.kind === "key" ? parsed.kid : ""]);
      const [key] = keys;
      if (key === undefined) throw new Error("there is no key");
      expect(listed).toContain(key.fingerprint);
      const signer = createSshAgent(socket).signer(key);
      expect(signer.protection).toBe("ssh-agent");
      expect(verifySignature(signer.jwk, message, await signer.sign(message))).toBe(true);
      execFileSync("ssh-add", ["-q", "-D"], { env: environment });
      await expect(signer.sign(message)).rejects.toMatchObject(keysError);
      expect(await createSshAgent(socket).keys()).toEqual([]);
    } finally {
      agent.kill();
      await once(agent, "exit");
    }
  });
});

function hasOpenSsh(): boolean {
  const found = spawnSync("ssh-keygen", ["-?"]);
  return found.error === undefined && spawnSync("ssh-add", ["-l"]).error === undefined;
}

/** An agent that does what a test wants to see. */
async function faulty(
  answer: (socket: Socket, request: Buffer) => void,
  work: () => Promise<void>,
): Promise<void> {
  const server: Server = createServer((connection) => {
    connection.on("error", () => undefined);
    connection.on("data", (request: Buffer) => answer(connection, request));
  });
  server.listen(socket);
  await once(server, "listening");
  try {
    await work();
  } finally {
    server.close();
  }
}

const framed = (body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length, 0);
  return Buffer.concat([length, body]);
};
const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
};
const agentOf = (path: string) => createSshAgent(path, { listMs: 200, signMs: 200 });
const own = await exampleSigner(1);
const ownKey = { kid: own.kid, jwk: own.jwk, fingerprint: fingerprintOf(own.jwk) };

test("reads an answer that comes byte by byte", async () => {
  const blob = Buffer.from(sshBlobOf(own.jwk));
  const body = Buffer.concat([
    Buffer.from([12]),
    number(1),
    framed(blob),
    framed(Buffer.from("comment")),
  ]);
  await faulty(
    (connection) => {
      for (const byte of framed(body)) connection.write(Buffer.from([byte]));
    },
    async () => expect(await agentOf(socket).keys()).toEqual([ownKey]),
  );
});

test.each([
  ["says that it failed", framed(Buffer.from([5]))],
  ["announces more than is read", number(300_000)],
  ["announces nothing", number(0)],
  ["says more than it announced", Buffer.concat([framed(Buffer.from([12, 0, 0, 0, 0])), message])],
  ["counts keys that are not there", framed(Buffer.from([12, 0, 0, 0, 9]))],
  ["counts without end", framed(Buffer.from([12, 255, 255, 255, 255]))],
  ["cuts a key short", framed(Buffer.concat([Buffer.from([12]), number(1), number(500)]))],
  ["gives no count", framed(Buffer.from([12]))],
])("is an agent that cannot be used when it %s", async (_name, bytes) => {
  await faulty(
    (connection) => connection.write(bytes),
    async () => expect(agentOf(socket).keys()).rejects.toMatchObject(keysError),
  );
});

test("is not waited for without end", async () => {
  await faulty(
    () => undefined,
    async () => {
      await expect(agentOf(socket).keys()).rejects.toThrow("did not answer within 200 ms");
      await expect(agentOf(socket).signer(ownKey).sign(message)).rejects.toMatchObject(keysError);
    },
  );
});

test("is an agent that cannot be used when it hangs up", async () => {
  await faulty(
    (connection) => connection.destroy(),
    async () => expect(agentOf(socket).keys()).rejects.toMatchObject(keysError),
  );
});

test("is missed when there is no socket, or nobody behind it", async () => {
  await expect(agentOf(socket).keys()).rejects.toThrow("cannot be reached");
  await expect(createSshAgent(undefined).keys()).rejects.toThrow("SSH_AUTH_SOCK is not set");
  await expect(createSshAgent("").keys()).rejects.toMatchObject(keysError);
});

test("is not believed when the signature is another key's, of another kind or changed", async () => {
  const stranger = await exampleSigner(2);
  const good = Buffer.from(await own.sign(message));
  const answers: readonly (readonly [string, Buffer])[] = [
    ["ssh-ed25519", Buffer.from(await stranger.sign(message))],
    ["ssh-rsa", good],
    ["ssh-ed25519", good.subarray(1)],
    ["ssh-ed25519", Buffer.alloc(64)],
  ];
  for (const [type, value] of answers) {
    const signature = Buffer.concat([framed(Buffer.from(type)), framed(value)]);
    await faulty(
      (connection) =>
        connection.write(framed(Buffer.concat([Buffer.from([14]), framed(signature)]))),
      async () =>
        expect(agentOf(socket).signer(ownKey).sign(message)).rejects.toThrow("not genuine"),
    );
    await rm(socket, { force: true });
  }
});
