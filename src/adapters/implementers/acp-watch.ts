import { shown } from "../../delivery/agent/acp/agent-peer.ts";
import {
  type AgentPlace,
  answerPermission,
  deniedHosts,
  deniedToolCall,
} from "../../delivery/agent/acp/judge-tool-call.ts";
import {
  type AgentUpdate,
  permissionSchema,
  updateSchema,
} from "../../delivery/agent/acp/messages.ts";
import type { AgentEvent } from "../../delivery/agent/implementer.port.ts";
import { AttemptDenials } from "../../delivery/agent/loop/denials.ts";
import type { Denial } from "../../delivery/backlog/denial.ts";
import { stampOf } from "./folder-stamp.ts";

type Failed = Extract<AgentEvent, { readonly kind: "failed" }>;

const maxWordsCharacters = 2_000;
const maxRefusedHosts = 5;

/** Watches an agent at work: answers what it asks leave for, and remembers what was denied to it. */
export class AgentWatch {
  readonly #place: AgentPlace;
  /** Host folder of the files. */
  readonly #root: string;
  readonly #progress: (message: string) => void;
  readonly #denials = new AttemptDenials();
  readonly #refusedHosts = new Set<string>();
  #words = "";
  #cost = "unknown";
  #looks = 0;
  #isAtWork = false;

  constructor(place: AgentPlace, root: string, progress: (message: string) => void) {
    this.#place = place;
    this.#root = root;
    this.#progress = progress;
  }

  /**
   * The agent has been told what to do. What it tried before was of its own, such as to report that it
   * was started, and says nothing of the story.
   */
  begin(): void {
    this.#isAtWork = true;
  }

  /** Its last words, which are a claim. */
  get words(): string {
    return shown(this.#words);
  }

  /** What was denied to it, each once; whether it was done without is not said. */
  get denials(): readonly Denial[] {
    return this.#denials.all;
  }

  /** As the agent told it; `unknown` when it did not. */
  get cost(): string {
    return this.#cost;
  }

  answer(method: string, params: unknown): Promise<object> | undefined {
    if (method !== "session/request_permission") return undefined;
    return this.#answerPermission(params);
  }

  notice(method: string, params: unknown): void {
    if (method !== "session/update") return;
    const said = updateSchema.safeParse(params);
    if (said.success) this.#take(said.data.update);
  }

  /** Somebody inside asked for a host that it may not reach; `destination` is as it was asked for. */
  refusedHost(destination: string): void {
    if (this.#refusedHosts.size >= maxRefusedHosts || this.#refusedHosts.has(destination)) return;
    this.#refusedHosts.add(destination);
    this.#progress(`a connection to ${shown(destination)} was refused`);
    if (this.#isAtWork) void this.#note(deniedHosts([destination]));
  }

  /** The failure of the attempt, with the denial that it ended on when nothing was changed after it. */
  async explain(end: Failed): Promise<Failed> {
    return this.#denials.explain(end, await this.#state());
  }

  async #answerPermission(params: unknown): Promise<object> {
    const request = permissionSchema.parse(params);
    const denial = deniedToolCall(request.toolCall, this.#place);
    const title = shown(request.toolCall.title ?? "a tool");
    if (denial !== undefined) {
      this.#progress(`denied (${denial.code}): ${title}`);
      await this.#note(denial);
    }
    return answerPermission(request, denial === undefined);
  }

  #take(update: AgentUpdate): void {
    switch (update.sessionUpdate) {
      case "tool_call":
      case "tool_call_update": {
        const title = shown(update.title ?? "");
        if (update.sessionUpdate === "tool_call" && title !== "") this.#progress(title);
        // It goes ahead without asking; the sandbox is what stops it.
        void this.#note(deniedToolCall(update, this.#place));
        return;
      }
      case "agent_message_chunk":
        this.#words = (this.#words + (update.content.text ?? "")).slice(-maxWordsCharacters);
        return;
      case "usage_update":
        if (update.cost !== undefined && update.cost !== null)
          this.#cost = `${update.cost.amount} ${shown(update.cost.currency)}`;
    }
  }

  async #note(denial: Denial | undefined): Promise<void> {
    if (denial !== undefined) this.#denials.note(denial, await this.#state());
  }

  /** Names the files as they are; what cannot be looked at is like nothing else. */
  async #state(): Promise<string> {
    this.#looks += 1;
    return (await stampOf(this.#root).catch(() => undefined)) ?? `look ${this.#looks}`;
  }
}
