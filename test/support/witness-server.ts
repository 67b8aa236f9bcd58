import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ed25519 } from "@noble/curves/ed25519.js";

// A witness of C2SP tlog-witness as its specification has it, with none of autosd's code: another
// implementation of Ed25519, its own reading of notes, and proofs checked by the recursion of RFC 6962.

/** What a witness says. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Tampered = Answer | undefined;

interface Seen {
  readonly size: number;
  readonly root: Buffer;
}

export interface TestWitness {
  readonly url: string;
  /** Verifier key of type 4. */
  readonly vkey: string;
  /** Seconds; what its clock shows. */
  timeS: () => number;
  /** Replaces an honest answer; undefined: it never answers. */
  tamper: ((honest: Answer, request: string) => Tampered | Promise<Tampered>) | undefined;
  /** The requests so far. */
  readonly requests: readonly string[];
  /** Believes in a log key, as the witness's operator would. */
  trust(vkey: string): void;
  seen(origin: string): Seen | undefined;
  /** Forgets a log, or believes to have seen it so. */
  remember(origin: string, seen: Seen | undefined): void;
  /** The cosigned checkpoint that it would hand to a monitor. */
  monitored(origin: string): string | undefined;
  close(): Promise<void>;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest();
const idOf = (name: string, type: number, key: Uint8Array): Buffer =>
  sha256(Buffer.from(`${name}\n`), Uint8Array.of(type), key).subarray(0, 4);
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Uint8Array.of(1), left, right);

/** A cosignature line by `secret`; also for those who forge one. */
export function cosign(name: string, secret: Uint8Array, text: string, timeS: number): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timeS));
  const message = Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`);
  const id = idOf(name, 4, ed25519.getPublicKey(secret));
  const signature = Buffer.concat([id, time, ed25519.sign(message, secret)]);
  return `\u2014 ${name} ${signature.toString("base64")}\n`;
}

export function witnessVkey(name: string, secret: Uint8Array, type = 4): string {
  const key = ed25519.getPublicKey(secret);
  const bytes = Buffer.concat([Uint8Array.of(type), key]);
  return `${name}+${idOf(name, type, key).toString("hex")}+${bytes.toString("base64")}`;
}

/** Starts a witness on this machine. */
export async function startWitness(name: string, secret: Uint8Array): Promise<TestWitness> {
  const state = new WitnessState(name, secret);
  const server = createServer((request, response) => {
    void answer(state, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/w`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

async function answer(
  state: WitnessState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString("utf8");
  state.requests.push(body);
  const isCall = request.method === "POST" && request.url === "/w/add-checkpoint";
  const honest = isCall ? state.addCheckpoint(body) : { status: 404, body: "" };
  const given = state.tamper === undefined ? honest : await state.tamper(honest, body);
  if (given === undefined) return;
  response.writeHead(given.status, given.headers ?? {}).end(given.body);
}

class WitnessState {
  readonly requests: string[] = [];
  readonly vkey: string;
  timeS = (): number => Math.floor(Date.now() / 1_000);
  tamper: TestWitness["tamper"];
  readonly #name: string;
  readonly #secret: Uint8Array;
  /** By origin. */
  readonly #keys = new Map<string, { readonly id: Buffer; readonly key: Buffer }[]>();
  readonly #seen = new Map<string, Seen>();
  readonly #monitored = new Map<string, string>();

  constructor(name: string, secret: Uint8Array) {
    this.#name = name;
    this.#secret = secret;
    this.vkey = witnessVkey(name, secret);
  }

  trust(vkey: string): void {
    const [, origin = "", id = "", key = ""] = /^(.*?)\+([0-9a-f]{8})\+(.*)$/.exec(vkey) ?? [];
    const known = this.#keys.get(origin) ?? [];
    const raw = Buffer.from(key, "base64").subarray(1);
    this.#keys.set(origin, [...known, { id: Buffer.from(id, "hex"), key: raw }]);
  }

  seen(origin: string): Seen | undefined {
    return this.#seen.get(origin);
  }

  remember(origin: string, seen: Seen | undefined): void {
    if (seen === undefined) this.#seen.delete(origin);
    else this.#seen.set(origin, seen);
  }

  monitored(origin: string): string | undefined {
    return this.#monitored.get(origin);
  }

  addCheckpoint(body: string): Answer {
    const blank = body.indexOf("\n\n");
    const [oldLine = "", ...proofLines] = body.slice(0, blank).split("\n");
    const note = body.slice(blank + 2);
    const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
    const [origin = "", sizeLine = "", rootLine = ""] = text.split("\n");
    if (!/^old (0|[1-9][0-9]*)$/.test(oldLine) || proofLines.length > 63) return plain(400);
    const [oldSize, size] = [Number(oldLine.slice(4)), Number(sizeLine)];
    const keys = this.#keys.get(origin);
    if (keys === undefined) return plain(404);
    const signed = this.#signedLines(note, origin, text);
    if (signed === undefined) return plain(403);
    if (oldSize > size) return plain(400);
    const last = this.#seen.get(origin) ?? { size: 0, root: sha256() };
    if (last.size !== oldSize)
      return {
        ...{ status: 409, body: `${last.size}\n` },
        headers: { "content-type": "text/x.tlog.size" },
      };
    const root = Buffer.from(rootLine, "base64");
    const proof = proofLines.map((line) => Buffer.from(line, "base64"));
    if (!continues(last, { size, root }, proof)) return plain(422);
    this.#seen.set(origin, { size, root });
    const line = cosign(this.#name, this.#secret, text, this.timeS());
    // Signatures of keys that it does not know it does not hand out.
    this.#monitored.set(origin, `${text}\n${signed}${line}`);
    return { status: 200, body: line };
  }

  /** The signature lines of known keys; undefined for none, or for one that is false. */
  #signedLines(note: string, origin: string, text: string): string | undefined {
    const keys = this.#keys.get(origin) ?? [];
    const good: string[] = [];
    for (const line of note.slice(text.length + 1, -1).split("\n")) {
      const [, name = "", encoded = ""] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
      const bytes = Buffer.from(encoded, "base64");
      const known = keys.find(({ id }) => name === origin && id.equals(bytes.subarray(0, 4)));
      if (known === undefined) continue;
      if (!ed25519.verify(bytes.subarray(4), Buffer.from(text), known.key)) return undefined;
      good.push(`${line}\n`);
    }
    return good.length === 0 ? undefined : good.join("");
  }
}

function plain(status: number): Answer {
  return { status, body: "" };
}

/** RFC 6962 section 2.1.2, read from the proof's definition. */
function continues(old: Seen, head: Seen, proof: readonly Buffer[]): boolean {
  if (old.size === 0) return proof.length === 0 && (head.size > 0 || head.root.equals(sha256()));
  if (old.size === head.size) return proof.length === 0 && old.root.equals(head.root);
  let used = 0;
  const next = (): Buffer => proof[used++] ?? Buffer.alloc(0);
  const roots = (m: number, n: number, isWhole: boolean): readonly [Buffer, Buffer] => {
    if (m === n) {
      const root = isWhole ? old.root : next();
      return [root, root];
    }
    let k = 1;
    while (k * 2 < n) k *= 2;
    if (m <= k) {
      const [before, after] = roots(m, k, isWhole);
      return [before, node(after, next())];
    }
    const [before, after] = roots(m - k, n - k, false);
    const left = next();
    return [node(left, before), node(left, after)];
  };
  const [before, after] = roots(old.size, head.size, true);
  return used === proof.length && before.equals(old.root) && after.equals(head.root);
}
