import { isoTime, type Clock } from "../../../kernel/clock.ts";
import { canonicalJson } from "../../../kernel/canonical-json.ts";
import { sha256 } from "../../../kernel/hash.ts";
import type { AgentEvent, ImplementationTask, Proposal } from "../implementer.port.ts";
import type { Purse } from "../model/budget.ts";
import { ModelError } from "../model/errors.ts";
import type { Model, ModelAnswer, ToolCall } from "../model/model.port.ts";
import { symbolMap } from "../outline/symbol-map.ts";
import type { SymbolReader } from "../outline/symbols.port.ts";
import type { Workspace } from "../workspace.port.ts";
import type { ModelPrice } from "../model/prices.ts";
import type { JournalPlace, PromptJournal } from "../model/prompt-journal.port.ts";
import { askWithinContext, type Entry } from "./ask-model.ts";
import { AttemptHistory } from "./attempt-history.ts";
import type { Commands } from "./commands.port.ts";
import { Conversation } from "./conversation.ts";
import { AttemptDenials } from "./denials.ts";
import { headOf } from "./cut-text.ts";
import { firstPrompt, type ProjectFacts, storyText } from "./first-prompt.ts";
import type { CompilePattern } from "./line-pattern.ts";
import { ProgressGuard } from "./progress-guard.ts";
import { clean } from "./redact-answer.ts";
import { toolUseOf, toolSpecs, type ToolUse } from "./tools.ts";
import {
  applyTool,
  isRepeatable,
  readBy,
  type ToolRoom,
  treeOfState,
  treeState,
} from "./use-tool.ts";

/** What an attempt at a story works with. */
export interface AttemptParts {
  readonly model: Model;
  /** Undefined: not known. */
  readonly price: ModelPrice | undefined;
  readonly budget: Purse;
  readonly journal: PromptJournal;
  readonly commands: Commands;
  readonly clock: Clock;
  /** `implement@1` and its text. */
  readonly prompt: { readonly id: string; readonly text: string };
  readonly gates: readonly string[];
  readonly symbols: SymbolReader;
  /** Absent: searches are for texts only. */
  readonly compilePattern?: CompilePattern | undefined;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
}

type Claim = Extract<ToolUse, { readonly tool: "done" }>["with"];

/** How a turn went on: with another one, or to the attempt's last event. */
type TurnEnd = Exclude<AgentEvent, { readonly kind: "progress" }> | undefined;

type Failure = Extract<AgentEvent, { readonly kind: "failed" }>;

const outgrown = "the conversation has outgrown the model's context";
const maxIdleAnswers = 2;
const maxCutAnswers = 2;
const guidePath = "AGENTS.md";
const maxGuideBytes = 64 * 1024;

/**
 * One attempt at a story: asks, does what was asked for, asks again. What the journal already holds
 * of the attempt is adopted: a paid answer is not paid again, a finished command is not run again.
 * Throws ModelError when the whole run has to stop (budget, limit, key), the signal's reason when
 * it is told to.
 */
export async function* implementWithModel(
  parts: AttemptParts,
  task: ImplementationTask,
  run: string,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  const attempt = await Attempt.open(parts, task, run, signal);
  for (;;) {
    const events: AgentEvent[] = [];
    const end = await attempt.turn((message) => events.push({ kind: "progress", message }));
    yield* events;
    if (end === undefined) continue;
    yield end;
    return;
  }
}

class Attempt {
  readonly #parts: AttemptParts;
  readonly #task: ImplementationTask;
  readonly #signal: AbortSignal;
  readonly #conversation: Conversation;
  readonly #history: AttemptHistory;
  readonly #guard = new ProgressGuard();
  readonly #denials = new AttemptDenials();
  readonly #room: ToolRoom;
  #place: JournalPlace;
  #state: string;
  #idleAnswers = 0;
  #cutAnswers = 0;

  private constructor(
    parts: AttemptParts,
    task: ImplementationTask,
    place: JournalPlace,
    opened: {
      readonly conversation: Conversation;
      readonly history: AttemptHistory;
      readonly signal: AbortSignal;
    },
  ) {
    this.#parts = parts;
    this.#task = task;
    this.#place = place;
    this.#signal = opened.signal;
    this.#conversation = opened.conversation;
    this.#history = opened.history;
    this.#state = treeState(task.workspace.baseTree);
    const { commands, symbols, compilePattern } = parts;
    const story = storyText(task);
    const workspace = filesOf(task.workspace);
    const { signal } = opened;
    this.#room = { workspace, commands, symbols, compilePattern, story, signal };
  }

  static async open(
    parts: AttemptParts,
    task: ImplementationTask,
    run: string,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const place = { run, story: task.story.id, attempt: task.attempt, turn: 0 };
    const history = new AttemptHistory(await parts.journal.of(place));
    task.workspace.witness?.saw({ kind: "outline" });
    task.workspace.witness?.saw({ kind: "file", path: guidePath });
    const files = filesOf(task.workspace);
    const paths = await files.list();
    const source = { paths, read: (path: string) => files.read(path) };
    const mapped = await symbolMap(parts.symbols, source, task.story, signal);
    for (const { path } of mapped) task.workspace.witness?.saw({ kind: "file", path });
    const facts: ProjectFacts = {
      paths,
      guide: await guideOf(files),
      gates: parts.gates,
      symbols: mapped.map(({ line }) => line),
    };
    const conversation = new Conversation({
      system: parts.prompt.text,
      tools: toolSpecs,
      maxOutputTokens: parts.maxOutputTokens,
      first: clean(firstPrompt(task, facts)),
      circumstances: {
        prompt: parts.prompt.id,
        provider: parts.model.provider,
        model: parts.model.name,
        baseTree: task.workspace.baseTree,
      },
    });
    return new Attempt(parts, task, place, { conversation, history, signal });
  }

  async turn(progress: (message: string) => void): Promise<TurnEnd> {
    this.#signal.throwIfAborted();
    this.#conversation.compactTo(this.#parts.contextTokens);
    if (this.#conversation.estimatedTokens > this.#parts.contextTokens)
      return this.#end(failure(outgrown));
    const answer = await this.#ask();
    if (answer === undefined) return this.#end(failure(outgrown));
    const end = await this.#take(answer, progress);
    this.#place = { ...this.#place, turn: this.#place.turn + 1 };
    return end;
  }

  /** Undefined: it is too long for the model, and cannot be shortened. */
  async #ask(): Promise<ModelAnswer | undefined> {
    try {
      return await askWithinContext({
        ...this.#parts,
        conversation: this.#conversation,
        history: this.#history,
        place: this.#place,
        signal: this.#signal,
        append: (record) => this.#append(record),
      });
    } catch (error) {
      // A first request that is too long is so in every attempt: only a person can help.
      const isOutgrown = error instanceof ModelError && error.code === "AUTOSD-MODEL-CONTEXT";
      if (isOutgrown && this.#place.turn > 0) return undefined;
      throw error;
    }
  }

  async #take(answer: ModelAnswer, progress: (message: string) => void): Promise<TurnEnd> {
    this.#conversation.learn(answer.usage);
    if (answer.finish === "length") return this.#takeCut(answer);
    this.#cutAnswers = 0;
    this.#conversation.append({
      role: "assistant",
      text: answer.text,
      toolCalls: answer.toolCalls,
    });
    if (answer.toolCalls.length === 0) return this.#takeIdle();
    this.#idleAnswers = 0;
    return this.#useTools(answer.toolCalls, progress);
  }

  /** Calls of an answer that was cut are not made: the last one may be half of what was meant. */
  async #takeCut(answer: ModelAnswer): Promise<TurnEnd> {
    this.#cutAnswers += 1;
    if (this.#cutAnswers >= maxCutAnswers)
      return this.#end(failure("the model's answers were cut at their longest length"));
    this.#conversation.append({ role: "assistant", text: answer.text, toolCalls: [] });
    this.#conversation.append({
      role: "user",
      text: "Your answer was cut because it was too long; none of its calls was made. Answer again, shorter: write a large file in several steps.",
    });
    return undefined;
  }

  async #takeIdle(): Promise<TurnEnd> {
    this.#idleAnswers += 1;
    if (this.#idleAnswers > maxIdleAnswers)
      return this.#giveUp(failure("the model stopped without calling done"));
    this.#conversation.append({
      role: "user",
      text: "Go on with the tools. When the story is finished, call done.",
    });
    return undefined;
  }

  async #useTools(
    calls: readonly ToolCall[],
    progress: (message: string) => void,
  ): Promise<TurnEnd> {
    const results: { id: string; name: string; text: string; isError: boolean }[] = [];
    const states: string[] = [];
    for (const call of calls) {
      const { id, name } = call;
      const use = toolUseOf(name, call.arguments);
      if ("problem" in use) {
        results.push({ id, name, text: use.problem, isError: true });
        continue;
      }
      progress(`${this.#task.story.id}: ${oneLine(wordsOf(use))}`);
      if (use.tool === "done") {
        const refusal = await this.#refusalOf(use.with);
        if (refusal === undefined)
          return this.#end({ kind: "proposal", proposal: claimed(use.with) });
        results.push({ id, name, text: refusal, isError: true });
        continue;
      }
      const { unsafe, ...result } = await this.#make(call, use);
      if (unsafe !== undefined) return this.#end(failure(unsafe));
      results.push({ id, name, ...result });
      states.push(this.#state);
    }
    this.#conversation.append({ role: "tool", results });
    const stuck = this.#guard.after({
      states,
      seen: results.map((one) => evidenceOf(one)),
      calls: calls.map((one) => sha256(canonicalJson([one.name, one.arguments ?? null]))),
    });
    return stuck === undefined ? undefined : this.#giveUp(aimless(stuck));
  }

  /** A finished call is taken from the journal; its effect on the files is brought about again. */
  async #make(
    call: ToolCall,
    use: Exclude<ToolUse, { readonly tool: "done" }>,
  ): Promise<{ text: string; isError: boolean; unsafe: string | undefined }> {
    const before = this.#state;
    const read = readBy(use);
    // Also what is taken from the journal was read.
    if (read !== undefined) this.#task.workspace.witness?.saw(read);
    const ended = this.#history.endOf(this.#place.turn, call, before);
    if (ended !== undefined) {
      const tree = ended.after === before ? undefined : treeOfState(ended.after);
      if (use.tool !== "run") await applyTool(this.#room, use, before);
      else if (tree !== undefined) await this.#parts.commands.restore(tree);
      this.#state = ended.after;
      this.#denials.note(ended.denial, ended.after);
      return { text: ended.text, isError: ended.isError, unsafe: undefined };
    }
    await this.#append({
      kind: "tool-start",
      call: call.id,
      tool: call.name,
      arguments: call.arguments ?? null,
      before,
      repeatable: isRepeatable(use),
    });
    const fromMs = this.#parts.clock.monotonicMs();
    const outcome = await applyTool(this.#room, use, before);
    const { isError, unsafe, denial } = outcome;
    const text = clean(outcome.text);
    // Without an end in the journal an unsafe command is met again, and refused again.
    if (unsafe !== undefined) return { text, isError, unsafe };
    this.#state = outcome.change ?? before;
    this.#denials.note(denial, this.#state);
    await this.#append({
      kind: "tool-end",
      call: call.id,
      text,
      isError,
      after: this.#state,
      durationMs: Math.round(this.#parts.clock.monotonicMs() - fromMs),
      ...(denial === undefined ? {} : { denial }),
    });
    return { text, isError, unsafe };
  }

  /** What is plainly not so is said at once; whether the rest is so, the gates decide. */
  async #refusalOf(claim: Claim): Promise<string | undefined> {
    if (this.#state === treeState(this.#task.workspace.baseTree))
      return "Nothing was changed yet, so the story cannot be finished.";
    for (const path of claim.acceptanceTests)
      this.#task.workspace.witness?.saw({ kind: "file", path });
    const files = new Set(await this.#room.workspace.list());
    const missing = claim.acceptanceTests.filter((path) => !files.has(path));
    if (missing.length > 0) return `There is no such file: ${missing.join(", ")}.`;
    if (claim.acceptanceTests.length === 0)
      return "Name the test files that show the story's criteria.";
    return undefined;
  }

  #giveUp(end: Failure): Promise<TurnEnd> {
    return this.#end(this.#denials.explain(end, this.#state));
  }

  async #end(event: NonNullable<TurnEnd>): Promise<TurnEnd> {
    const reason = clean(event.kind === "proposal" ? event.proposal.summary : event.reason);
    if (!this.#history.hasEnded(this.#place.turn, event.kind, reason))
      await this.#append({ kind: "end", outcome: event.kind, reason });
    return event;
  }

  async #append(record: Entry): Promise<void> {
    const ts = isoTime(this.#parts.clock.now());
    await this.#parts.journal.append({ ...this.#place, ts, ...record });
  }
}

function failure(reason: string, retryable = true): Failure {
  return { kind: "failed", reason, retryable };
}

function aimless(why: string): Failure {
  const reason = `no progress: ${why}`;
  return { kind: "failed", reason, retryable: false, isWithoutProgress: true };
}

function claimed(claim: Claim): Proposal {
  return {
    summary: claim.summary,
    acceptanceTests: [...new Set(claim.acceptanceTests)],
    changedTests: [...new Set(claim.changedTests ?? [])],
  };
}

/** Two outputs that differ in durations and counters alone show nothing new. */
function evidenceOf(result: { readonly name: string; readonly text: string }): string {
  const text = result.name === "run" ? result.text.replaceAll(/\d+(?:\.\d+)?/g, "#") : result.text;
  return sha256(`${result.name}\0${text}`);
}

/** The loop says itself what it reads. */
function filesOf(workspace: Workspace): Workspace {
  return workspace.witness?.files ?? workspace;
}

async function guideOf(files: Workspace): Promise<string | undefined> {
  const bytes = await files.read(guidePath).catch(() => undefined);
  if (bytes === undefined || bytes.length > maxGuideBytes) return undefined;
  return new TextDecoder().decode(bytes);
}

const maxWords = 110;

/** What a terminal could act on goes, and the end of what is long. */
function oneLine(text: string): string {
  return headOf(text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " "), maxWords);
}

function wordsOf(use: ToolUse): string {
  switch (use.tool) {
    case "list":
      return `lists ${use.with.folder ?? "the files"}`;
    case "search":
      return `looks for ${JSON.stringify(use.with.text)}`;
    case "read":
      return `reads ${use.with.path}`;
    case "replace":
      return `changes ${use.with.path}`;
    case "write":
      return `writes ${use.with.path}`;
    case "delete":
      return `deletes ${use.with.path}`;
    case "run":
      return `runs ${clean(use.with.command)}`;
    case "done":
      return "says that it is done";
  }
}
