import { errorOf } from "../../../kernel/thrown.ts";
import { clean } from "../loop/redact-answer.ts";
import { AgentError } from "./errors.ts";
import { LineReader } from "./line-reader.ts";
import { type Envelope, envelopeSchema, rpcCodes } from "./messages.ts";

/** What an agent may say and leave unread, in all of a conversation. */
export interface PeerLimits {
  readonly maxLineBytes: number;
  readonly maxTotalBytes: number;
  /** Of autosd's words that the agent has not taken. */
  readonly maxWaitingBytes: number;
  /** Its requests that are not answered yet. */
  readonly maxOpenRequests: number;
  /** Lines that are no messages: banners, warnings. */
  readonly maxStrayLines: number;
}

export const usualPeerLimits: PeerLimits = {
  maxLineBytes: 16 * 1024 ** 2,
  maxTotalBytes: 512 * 1024 ** 2,
  maxWaitingBytes: 8 * 1024 ** 2,
  maxOpenRequests: 64,
  maxStrayLines: 100,
};

/** The side that is written to. */
interface Outlet {
  readonly waitingBytes: number;
  write(text: string): void;
}

/** What the other side may ask and say. Nothing of it may throw; an answer may be waited for. */
export interface PeerHandlers {
  /** Undefined: there is no such method. */
  readonly answer: (method: string, params: unknown) => Promise<object> | undefined;
  readonly notice: (method: string, params: unknown) => void;
}

/** The agent's answer to a request was an error. */
export class RpcRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * JSON-RPC with an agent that nobody vouches for, a message a line. Whoever breaks the rules is not
 * talked with any more: what is waited for then rejects with AUTOSD-AGENT-PROTOCOL.
 */
export class AgentPeer {
  readonly #handlers: PeerHandlers;
  readonly #limits: PeerLimits;
  readonly #lines: LineReader;
  readonly #pending = new Map<number, Pending>();
  #outlet: Outlet | undefined;
  #nextId = 1;
  #totalBytes = 0;
  #openRequests = 0;
  #strays: readonly string[] = [];
  #ended: { readonly error: unknown } | undefined;

  constructor(handlers: PeerHandlers, limits: PeerLimits = usualPeerLimits) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#lines = new LineReader(limits.maxLineBytes);
  }

  /** From now on there is somebody to write to; before, nothing may be asked. */
  begin(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  /** Takes what the agent says, as it comes. */
  hear(bytes: Uint8Array): void {
    if (this.#ended !== undefined) return;
    this.#totalBytes += bytes.length;
    if (this.#totalBytes > this.#limits.maxTotalBytes) {
      this.#breakOff(`it said more than ${this.#limits.maxTotalBytes} bytes`);
      return;
    }
    const lines = this.#lines.push(bytes);
    if (lines === undefined) {
      this.#breakOff(`it sent a message of more than ${this.#limits.maxLineBytes} bytes`);
      return;
    }
    for (const line of lines) this.#take(line);
  }

  /** Rejects with RpcRefusal for an error, else with why the conversation ended. */
  request(method: string, params: object): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(errorOf(this.#ended.error));
        return;
      }
      this.#pending.set(id, { resolve, reject });
      this.#say({ id, method, params });
    });
  }

  notify(method: string, params: object): void {
    this.#say({ method, params });
  }

  /** Ends the conversation; the first reason stands. */
  close(error: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    for (const { reject } of this.#pending.values()) reject(errorOf(error));
    this.#pending.clear();
  }

  /** What it said that was no message; for whoever explains why it did not answer. */
  get strayWords(): string {
    return this.#strays.slice(0, 3).join(" / ");
  }

  #take(line: string): void {
    if (this.#ended !== undefined || line.trim() === "") return;
    const message = messageIn(line);
    if (message === undefined) this.#stray(line);
    else if (message.method === undefined) this.#takeAnswer(message);
    else if (message.id === undefined) this.#handlers.notice(message.method, message.params);
    else this.#takeRequest(message.id, message.method, message.params);
  }

  #stray(line: string): void {
    this.#strays = [...this.#strays, shown(line)];
    if (this.#strays.length > this.#limits.maxStrayLines)
      this.#breakOff(`what it says on stdout is no ACP message: ${this.strayWords}`);
  }

  #takeAnswer({ id, result, error }: Envelope): void {
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (typeof id !== "number" || pending === undefined) return;
    this.#pending.delete(id);
    if (error === undefined) pending.resolve(result);
    else pending.reject(new RpcRefusal(error.code, shown(error.message)));
  }

  #takeRequest(id: string | number | null, method: string, params: unknown): void {
    this.#openRequests += 1;
    if (this.#openRequests > this.#limits.maxOpenRequests) {
      this.#breakOff(`it asked ${this.#openRequests} things at once`);
      return;
    }
    const answer = this.#handlers.answer(method, params);
    if (answer === undefined) {
      this.#openRequests -= 1;
      const error = { code: rpcCodes.methodNotFound, message: `autosd offers no ${shown(method)}` };
      this.#say({ id, error });
      return;
    }
    void answer
      .then(
        (result) => this.#say({ id, result }),
        () =>
          this.#say({
            id,
            error: { code: rpcCodes.invalidParams, message: "the request cannot be read" },
          }),
      )
      .finally(() => {
        this.#openRequests -= 1;
      });
  }

  #say(message: object): void {
    if (this.#ended !== undefined || this.#outlet === undefined) return;
    this.#outlet.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    if (this.#outlet.waitingBytes > this.#limits.maxWaitingBytes)
      this.#breakOff("it does not read what it is told");
  }

  #breakOff(why: string): void {
    this.close(new AgentError("AUTOSD-AGENT-PROTOCOL", `the agent is not listened to: ${why}`));
  }
}

function messageIn(line: string): Envelope | undefined {
  try {
    return envelopeSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const maxShownCharacters = 300;

/** Words of an agent, for people: one line, without secrets and without what a terminal would obey. */
export function shown(text: string): string {
  const line = clean(text.slice(0, 4 * maxShownCharacters))
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return line.length > maxShownCharacters ? `${line.slice(0, maxShownCharacters)}...` : line;
}
