import { createHash } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import { GovernanceError } from "../../governance/errors.ts";
import { sshBlobOf, sshKeyOf } from "../../governance/keys/public-key-file.ts";
import { kidOf, signatureBytes, verifySignature } from "../../governance/keys/public-key.ts";
import type { PublicJwk, Signer } from "../../governance/keys/signer.port.ts";

/** Message numbers of the agent protocol (draft-ietf-sshm-ssh-agent). */
const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;

/** What an agent answers at most; one that says more is not read. */
const maxAnswerBytes = 256 * 1024;
const maxIdentities = 1_000;
const listTimeoutMs = 5_000;
/** A person may have to confirm, or touch a token. */
const signTimeoutMs = 60_000;

export interface AgentTimeouts {
  readonly listMs: number;
  readonly signMs: number;
}

/** An Ed25519 key that the agent holds. */
export interface AgentKey {
  readonly kid: string;
  readonly jwk: PublicJwk;
  /** `SHA256:...`, as `ssh-add -l` prints it. */
  readonly fingerprint: string;
}

/** The agent that listens on a Unix socket. Every failure of it is AUTOSD-PREAUTH-KEYS. */
export interface SshAgent {
  /** Its Ed25519 keys; other kinds and unsafe keys are left out. */
  keys(): Promise<readonly AgentKey[]>;
  signer(key: AgentKey): Signer;
}

/** `socket` undefined: SSH_AUTH_SOCK is not set, and each call says so. */
export function createSshAgent(
  socket: string | undefined,
  timeouts: AgentTimeouts = { listMs: listTimeoutMs, signMs: signTimeoutMs },
): SshAgent {
  return {
    keys: async () =>
      readIdentities(await ask(socket, Buffer.from([requestIdentities]), timeouts.listMs)),
    signer: (key) => ({
      kid: key.kid,
      jwk: key.jwk,
      protection: "ssh-agent",
      sign: (bytes) => signWith(socket, key, bytes, timeouts.signMs),
    }),
  };
}

/** `SHA256:` and the unpadded base64 of the key blob's digest. */
export function fingerprintOf(jwk: PublicJwk): string {
  const digest = createHash("sha256").update(sshBlobOf(jwk)).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

async function signWith(
  socket: string | undefined,
  key: AgentKey,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array> {
  const request = Buffer.concat([
    Buffer.from([signRequest]),
    field(sshBlobOf(key.jwk)),
    field(bytes),
    Buffer.alloc(4),
  ]);
  const answer = await ask(socket, request, timeoutMs);
  if (answer[0] !== signResponse)
    throw failure(`The SSH agent did not sign with ${key.fingerprint}.`);
  const reader = new Fields(answer.subarray(1));
  const signature = new Fields(reader.next());
  const type = signature.next().toString("latin1");
  const value = new Uint8Array(signature.next());
  // What the agent says is checked before anything is signed with it.
  const isGenuine =
    type === "ssh-ed25519" &&
    value.length === signatureBytes &&
    verifySignature(key.jwk, bytes, value);
  if (!isGenuine) throw failure("The SSH agent gave a signature that is not genuine.");
  return value;
}

function readIdentities(answer: Buffer): readonly AgentKey[] {
  if (answer[0] !== identitiesAnswer) throw failure("The SSH agent does not list its keys.");
  if (answer.length < 5) throw garbled();
  const count = answer.readUInt32BE(1);
  if (count > maxIdentities) throw garbled();
  const reader = new Fields(answer.subarray(5));
  const keys: AgentKey[] = [];
  for (let index = 0; index < count; index += 1) {
    const blob = reader.next();
    // The comment is not shown: it is somebody's free text.
    reader.next();
    const parsed = sshKeyOf(blob);
    if (parsed.kind === "refused") continue;
    const { jwk } = parsed;
    keys.push({ kid: kidOf(jwk), jwk, fingerprint: fingerprintOf(jwk) });
  }
  return keys;
}

/** Length-prefixed strings, one after the other. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): Buffer {
    if (this.#at + 4 > this.#bytes.length) throw garbled();
    const length = this.#bytes.readUInt32BE(this.#at);
    const start = this.#at + 4;
    if (length > this.#bytes.length - start) throw garbled();
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }
}

function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
}

/** One request, one answer, one connection; ends within `timeoutMs`. */
function ask(path: string | undefined, request: Buffer, timeoutMs: number): Promise<Buffer> {
  if (path === undefined || path === "")
    throw new GovernanceError("AUTOSD-PREAUTH-KEYS", "No SSH agent: SSH_AUTH_SOCK is not set.", {
      remedy: 'eval "$(ssh-agent)" && ssh-add',
    });
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const timer = setTimeout(
      () => stop(failure(`The SSH agent did not answer within ${timeoutMs} ms.`)),
      timeoutMs,
    );
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
    };
    const stop = (error: GovernanceError): void => {
      end();
      reject(error);
    };
    socket.on("error", (error) => stop(failure("The SSH agent cannot be reached.", error)));
    socket.on("close", () => stop(failure("The SSH agent hung up.")));
    socket.on("connect", () => socket.write(field(request)));
    collect(socket, (answer) => {
      if (answer === undefined) stop(garbled());
      else {
        end();
        resolve(answer);
      }
    });
  });
}

/** Calls back once: with the whole answer, or undefined for one that cannot be. */
function collect(socket: Socket, done: (answer: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < 4) return;
    const all = Buffer.concat(chunks);
    const length = all.readUInt32BE(0);
    if (length === 0 || length > maxAnswerBytes || all.length > 4 + length) done(undefined);
    else if (all.length === 4 + length) done(all.subarray(4));
  });
}

function garbled(): GovernanceError {
  return failure("The SSH agent's answer cannot be read.");
}

function failure(message: string, cause?: unknown): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-KEYS", message, { remedy: "ssh-add -l", cause });
}
