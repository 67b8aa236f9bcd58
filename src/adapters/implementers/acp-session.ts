import {
  AgentPeer,
  type PeerHandlers,
  RpcRefusal,
  shown,
} from "../../delivery/agent/acp/agent-peer.ts";
import { AgentError } from "../../delivery/agent/acp/errors.ts";
import {
  cancelNotice,
  initializedSchema,
  initializeRequest,
  newSessionRequest,
  promptRequest,
  protocolVersion,
  rpcCodes,
  sessionSchema,
  stoppedSchema,
  type StopReason,
} from "../../delivery/agent/acp/messages.ts";
import type { Sandbox, SandboxCommand } from "../../delivery/agent/sandbox.port.ts";
import type { ProcessResult } from "../../kernel/process.ts";

/** How long an agent may take. */
export interface AgentPatience {
  /** For all of it. */
  readonly totalMs: number;
  /** Between two words of its. */
  readonly silentMs: number;
  /** Until it has said who it is; no longer than `silentMs`. */
  readonly startMs: number;
}

/** One agent process and what it is talked with about. */
export interface AgentStart {
  readonly sandbox: Sandbox;
  readonly command: Omit<SandboxCommand, "dialogue" | "signal" | "onOutput">;
  readonly autosdVersion: string;
  /** Of the methods that it offers; null: none is named. */
  readonly authMethod: string | null;
  readonly patience: AgentPatience;
  readonly handlers: PeerHandlers;
  readonly signal: AbortSignal;
}

/** An agent that has said who it is. */
export interface AgentIdentity {
  /** `gemini-cli 1.2.3`, or the name of its program. */
  readonly name: string;
}

/** A conversation that has begun. */
export interface AgentSession {
  readonly identity: AgentIdentity;
  /** Opens the conversation, about the folder `cwd` as the agent sees it. */
  open(cwd: string): Promise<void>;
  /** Says the one thing that is to be said, and waits until the agent has done what it does. */
  say(text: string): Promise<StopReason>;
}

/**
 * Starts an agent in the sandbox, hands the conversation to `use`, and ends every process of the
 * agent before it resolves or rejects. Throws AgentError for what the agent does wrong, the
 * signal's reason when it is told to stop.
 */
export async function withAgent<T>(
  start: AgentStart,
  use: (session: AgentSession) => Promise<T>,
): Promise<T> {
  start.signal.throwIfAborted();
  const running = new RunningAgent(start);
  try {
    return await use(await running.introduce());
  } finally {
    await running.end();
  }
}

class RunningAgent {
  readonly #start: AgentStart;
  readonly #peer: AgentPeer;
  readonly #kill = new AbortController();
  readonly #ended: Promise<void>;
  readonly #begun: Promise<void>;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onAbort = (): void => this.#callOff(this.#start.signal.reason);
  #silence: NodeJS.Timeout | undefined;
  #silentMs: number;
  #session: string | undefined;

  constructor(start: AgentStart) {
    this.#start = start;
    this.#peer = new AgentPeer(start.handlers);
    this.#silentMs = Math.min(start.patience.startMs, start.patience.silentMs);
    let begun: () => void = () => undefined;
    this.#begun = new Promise((resolve) => {
      begun = resolve;
    });
    this.#ended = start.sandbox
      .run({
        ...start.command,
        signal: this.#kill.signal,
        dialogue: {
          begin: (input) => {
            this.#peer.begin(input);
            this.#listenOn();
            begun();
          },
          heard: (bytes) => {
            this.#listenOn();
            this.#peer.hear(bytes);
          },
        },
      })
      .then(
        (result) => this.#peer.close(this.#whyEnded(result)),
        (error: unknown) => this.#peer.close(error),
      )
      .finally(begun);
    start.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#after(start.patience.totalMs, () => this.#tooLong());
  }

  async introduce(): Promise<AgentSession> {
    await this.#begun;
    const { autosdVersion, authMethod } = this.#start;
    const said = await this.#ask("initialize", initializeRequest(autosdVersion));
    const about = initializedSchema.safeParse(said);
    if (!about.success) throw unreadable("initialize");
    const { agentInfo, authMethods, protocolVersion: spoken } = about.data;
    if (spoken !== protocolVersion)
      throw new AgentError(
        "AUTOSD-AGENT-VERSION",
        `the agent speaks version ${spoken} of the Agent Client Protocol; autosd speaks version ${protocolVersion}`,
      );
    this.#silentMs = this.#start.patience.silentMs;
    if (authMethod !== null) await this.#ask("authenticate", { methodId: authMethod });
    const methods = (authMethods ?? []).map(({ id }) => id);
    const name = agentInfo === undefined || agentInfo === null ? "" : shown(agentInfo.name);
    const version = shown(agentInfo?.version ?? "");
    return {
      identity: { name: name === "" ? "the agent" : `${name} ${version}`.trim() },
      open: (cwd) => this.#open(cwd, methods),
      say: (text) => this.#say(text, methods),
    };
  }

  /** Asks it to stop if it is at work, kills it and all of its children, and waits for their end. */
  async end(): Promise<void> {
    this.#start.signal.removeEventListener("abort", this.#onAbort);
    this.#peer.close(new Error("the conversation is over"));
    this.#kill.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#silence);
    await this.#ended;
    clearTimeout(this.#silence);
  }

  async #open(cwd: string, methods: readonly string[]): Promise<void> {
    const said = await this.#ask("session/new", newSessionRequest(cwd), methods);
    const opened = sessionSchema.safeParse(said);
    if (!opened.success) throw unreadable("session/new");
    this.#session = opened.data.sessionId;
  }

  async #say(text: string, methods: readonly string[]): Promise<StopReason> {
    const request = promptRequest(this.#session ?? "", text);
    const stopped = stoppedSchema.safeParse(await this.#ask("session/prompt", request, methods));
    if (!stopped.success) throw unreadable("session/prompt");
    return stopped.data.stopReason;
  }

  async #ask(method: string, params: object, methods: readonly string[] = []): Promise<unknown> {
    try {
      return await this.#peer.request(method, params);
    } catch (error) {
      throw error instanceof RpcRefusal ? refused(method, error, methods) : error;
    }
  }

  #listenOn(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#tooSilent(), this.#silentMs);
  }

  #tooSilent(): void {
    const stray = this.#peer.strayWords;
    const words = stray === "" ? "" : `; what it said was no ACP message: ${stray}`;
    const seconds = Math.ceil(this.#silentMs / 1_000);
    this.#peer.close(
      new AgentError(
        "AUTOSD-AGENT-SILENT",
        `the agent said nothing for ${seconds} seconds${words}`,
      ),
    );
  }

  #tooLong(): void {
    const seconds = Math.ceil(this.#start.patience.totalMs / 1_000);
    this.#callOff(
      new AgentError("AUTOSD-AGENT-TIMEOUT", `the agent was not done after ${seconds} seconds`),
    );
  }

  /** It is told, and then ended: between SIGTERM and SIGKILL it has the time to save what it has. */
  #callOff(reason: unknown): void {
    if (this.#session !== undefined)
      this.#peer.notify("session/cancel", cancelNotice(this.#session));
    this.#peer.close(reason);
  }

  #after(ms: number, then: () => void): void {
    const timer = setTimeout(then, Math.min(ms, 2 ** 31 - 1));
    this.#timers.add(timer);
  }

  #whyEnded({ end, stderr }: ProcessResult): unknown {
    const last = shown(stderr.trim().split("\n").slice(-5).join(" "));
    const words = last === "" ? "" : `: ${last}`;
    const stray = this.#peer.strayWords;
    const heard = stray === "" ? "" : `; on stdout it said: ${stray}`;
    switch (end.kind) {
      case "not-started":
        return new AgentError("AUTOSD-AGENT-MISSING", `the agent was not started: ${end.reason}`);
      case "exited":
      case "signalled": {
        const how = end.kind === "exited" ? `with code ${end.exitCode}` : `by ${end.signal}`;
        return new AgentError("AUTOSD-AGENT-EXITED", `the agent ended ${how}${words}${heard}`);
      }
      case "timed-out":
      case "cancelled":
        return new AgentError("AUTOSD-AGENT-EXITED", `the agent was ended${words}`);
    }
  }
}

function refused(method: string, error: RpcRefusal, methods: readonly string[]): AgentError {
  if (error.code !== rpcCodes.authRequired && method !== "authenticate")
    return new AgentError("AUTOSD-AGENT-REFUSED", `the agent refuses ${method}: ${error.message}`);
  const offered = methods.length === 0 ? "" : ` (its methods: ${methods.map(shown).join(", ")})`;
  return new AgentError(
    "AUTOSD-AGENT-AUTH",
    `the agent wants to be authenticated${offered}: ${error.message}`,
  );
}

function unreadable(method: string): AgentError {
  return new AgentError("AUTOSD-AGENT-PROTOCOL", `the agent's answer to ${method} cannot be read`);
}
