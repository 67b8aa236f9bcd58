import type { Clock } from "../../../kernel/clock.ts";
import type { Denial } from "../../backlog/denial.ts";
import type { AgentEvent, ImplementationTask } from "../implementer.port.ts";
import type { ToolCall } from "../model/model.port.ts";
import type { Entry } from "./ask-model.ts";
import type { AttemptHistory, ToolEnd } from "./attempt-history.ts";
import { AttemptDenials } from "./denials.ts";
import { clean } from "./redact-answer.ts";
import type { ToolUse } from "./tools.ts";
import {
  applyTool,
  isRepeatable,
  readBy,
  type ToolRoom,
  treeOfState,
  treeState,
} from "./use-tool.ts";

type Failed = Extract<AgentEvent, { readonly kind: "failed" }>;
type Use = Exclude<ToolUse, { readonly tool: "done" }>;

/** The model's word that a story is finished. */
export type Claim = Extract<ToolUse, { readonly tool: "done" }>["with"];

/** How a call ended, as the model is told of it. */
export interface CallEnd {
  readonly text: string;
  readonly isError: boolean;
  /** Why the attempt must end here; undefined: it goes on. */
  readonly unsafe: string | undefined;
}

/** What the calls of an attempt are made with. */
export interface CallParts {
  readonly task: ImplementationTask;
  readonly room: ToolRoom;
  readonly history: AttemptHistory;
  readonly clock: Clock;
  readonly append: (entry: Entry) => Promise<void>;
}

/**
 * Makes the calls of an attempt, each once whichever process asks for it: what its journal says to be
 * finished is taken from there, and its effect on the files is brought about again.
 */
export class AttemptCalls {
  readonly #parts: CallParts;
  readonly #denials = new AttemptDenials();
  #state: string;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#state = treeState(parts.task.workspace.baseTree);
  }

  /** Name of the state that the files are in. */
  get state(): string {
    return this.#state;
  }

  /** Throws what the machine cannot do; what the model did wrong is in the text. */
  async make(turn: number, call: ToolCall, use: Use): Promise<CallEnd> {
    // Also what is taken from the journal was read. What a command was, its end says.
    if (use.tool !== "run") this.#saw(use);
    const ended = this.#parts.history.endOf(turn, call, this.#state);
    return ended === undefined ? this.#begin(call, use) : this.#adopt(ended, use);
  }

  async #adopt(ended: ToolEnd, use: Use): Promise<CallEnd> {
    const { room } = this.#parts;
    const before = this.#state;
    const tree = ended.after === before ? undefined : treeOfState(ended.after);
    if (use.tool !== "run") await applyTool(room, use, before);
    else if (tree !== undefined) await room.commands.restore(tree);
    this.#state = ended.after;
    this.#denials.note(ended.denial, ended.after);
    if (use.tool === "run") this.#saw(use, ended.denial);
    return { text: ended.text, isError: ended.isError, unsafe: undefined };
  }

  async #begin(call: ToolCall, use: Use): Promise<CallEnd> {
    const { room, clock, append } = this.#parts;
    const before = this.#state;
    await append({
      kind: "tool-start",
      call: call.id,
      tool: call.name,
      arguments: call.arguments ?? null,
      before,
      repeatable: isRepeatable(use),
    });
    const fromMs = clock.monotonicMs();
    const outcome = await applyTool(room, use, before);
    const { isError, unsafe, denial } = outcome;
    const text = clean(outcome.text);
    if (use.tool === "run") this.#saw(use, denial);
    // Without an end in the journal an unsafe command is met again, and refused again.
    if (unsafe !== undefined) return { text, isError, unsafe };
    this.#state = outcome.change ?? before;
    this.#denials.note(denial, this.#state);
    await append({
      kind: "tool-end",
      call: call.id,
      text,
      isError,
      after: this.#state,
      durationMs: Math.round(clock.monotonicMs() - fromMs),
      ...(denial === undefined ? {} : { denial }),
    });
    return { text, isError, unsafe };
  }

  #saw(use: Use, denial?: Denial): void {
    const read = readBy(use);
    if (read === undefined) return;
    const isDenied = read.kind === "command" && denial !== undefined;
    this.#parts.task.workspace.witness?.saw(isDenied ? { ...read, isDenied } : read);
  }

  /** What of a claim is plainly not so; undefined: the gates decide whether the rest is. */
  async refusalOf(claim: Claim): Promise<string | undefined> {
    const { task, room } = this.#parts;
    if (this.#state === treeState(task.workspace.baseTree))
      return "Nothing was changed yet, so the story cannot be finished.";
    for (const path of claim.acceptanceTests) task.workspace.witness?.saw({ kind: "file", path });
    const files = new Set(await room.workspace.list());
    const missing = claim.acceptanceTests.filter((path) => !files.has(path));
    if (missing.length > 0) return `There is no such file: ${missing.join(", ")}.`;
    if (claim.acceptanceTests.length === 0)
      return "Name the test files that show the story's criteria.";
    return undefined;
  }

  /** All that was denied so far, each once. */
  get denials(): readonly Denial[] {
    return this.#denials.all;
  }

  /** The failure of an attempt that gives up now, with the denial that it ended on. */
  explain(end: Failed): Failed {
    return this.#denials.explain(end, this.#state);
  }
}
