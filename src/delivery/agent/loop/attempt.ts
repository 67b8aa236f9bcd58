import { isoTime } from "../../../kernel/clock.ts";
import { canonicalJson } from "../../../kernel/canonical-json.ts";
import { sha256 } from "../../../kernel/hash.ts";
import type { AgentEvent, ImplementationTask, Proposal } from "../implementer.port.ts";
import { ModelError } from "../model/errors.ts";
import type { ModelAnswer, ToolCall } from "../model/model.port.ts";
import type { JournalPlace } from "../model/prompt-journal.port.ts";
import type { Workspace } from "../workspace.port.ts";
import { askWithinContext, type Entry } from "./ask-model.ts";
import { AttemptCalls, type Claim } from "./attempt-calls.ts";
import { AttemptHistory } from "./attempt-history.ts";
import type { AttemptParts } from "./attempt-parts.ts";
import { callWords } from "./call-words.ts";
import type { Conversation } from "./conversation.ts";
import { storyText } from "./first-prompt.ts";
import { openConversation } from "./open-conversation.ts";
import { ProgressGuard } from "./progress-guard.ts";
import { clean } from "./redact-answer.ts";
import { toolUseOf } from "./tools.ts";

/** How a turn went on: with another one, or to the attempt's last event. */
type TurnEnd = Exclude<AgentEvent, { readonly kind: "progress" }> | undefined;

type Failure = Extract<AgentEvent, { readonly kind: "failed" }>;

const outgrown = "the conversation has outgrown the model's context";
const maxIdleAnswers = 2;
const maxCutAnswers = 2;

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
  readonly #calls: AttemptCalls;
  #place: JournalPlace;
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
    const { commands, symbols, compilePattern, clock } = parts;
    const { history, signal } = opened;
    const workspace = filesOf(task.workspace);
    const story = storyText(task);
    this.#parts = parts;
    this.#task = task;
    this.#place = place;
    this.#signal = signal;
    this.#conversation = opened.conversation;
    this.#history = history;
    this.#calls = new AttemptCalls({
      ...{ task, history, clock },
      room: { workspace, commands, symbols, compilePattern, story, signal },
      append: (record) => this.#append(record),
    });
  }

  static async open(
    parts: AttemptParts,
    task: ImplementationTask,
    run: string,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const place = { run, story: task.story.id, attempt: task.attempt, turn: 0 };
    const history = new AttemptHistory(await parts.journal.of(place));
    const conversation = await openConversation(parts, task, filesOf(task.workspace), signal);
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
      carried: answer.carried,
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
      progress(`${this.#task.story.id}: ${callWords(use)}`);
      if (use.tool === "done") {
        const refusal = await this.#calls.refusalOf(use.with);
        if (refusal === undefined) return this.#end(this.#proposed(use.with));
        results.push({ id, name, text: refusal, isError: true });
        continue;
      }
      const { unsafe, ...result } = await this.#calls.make(this.#place.turn, call, use);
      if (unsafe !== undefined) return this.#end(failure(unsafe));
      results.push({ id, name, ...result });
      states.push(this.#calls.state);
    }
    this.#conversation.append({ role: "tool", results });
    const stuck = this.#guard.after({
      states,
      seen: results.map((one) => evidenceOf(one)),
      calls: calls.map((one) => sha256(canonicalJson([one.name, one.arguments ?? null]))),
    });
    return stuck === undefined ? undefined : this.#giveUp(aimless(stuck));
  }

  #proposed(claim: Claim): NonNullable<TurnEnd> {
    const { denials } = this.#calls;
    const proposal = claimed(claim);
    return { kind: "proposal", proposal, ...(denials.length === 0 ? {} : { denials }) };
  }

  #giveUp(end: Failure): Promise<TurnEnd> {
    return this.#end(this.#calls.explain(end));
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
