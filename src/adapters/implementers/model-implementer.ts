import type {
  ImplementationTask,
  Implementer,
  AgentEvent,
} from "../../delivery/agent/implementer.port.ts";
import type { PromptTemplate } from "../../delivery/agent/learning/prompt-templates.port.ts";
import { implementWithModel } from "../../delivery/agent/loop/attempt.ts";
import type { Commands } from "../../delivery/agent/loop/commands.port.ts";
import { clean } from "../../delivery/agent/loop/redact-answer.ts";
import type { CompilePattern } from "../../delivery/agent/loop/line-pattern.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { Model } from "../../delivery/agent/model/model.port.ts";
import { priceOf, type PriceTable } from "../../delivery/agent/model/prices.ts";
import type {
  JournalPlace,
  PromptJournal,
} from "../../delivery/agent/model/prompt-journal.port.ts";
import type { SymbolReader } from "../../delivery/agent/outline/symbols.port.ts";
import { gateNames } from "../../delivery/verification/toolchain.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { admittedTests } from "./admitted-tests.ts";
import type { CommandPlace } from "./sandboxed-commands.ts";
import type { RunBudgets } from "./run-budgets.ts";

export interface ModelImplementerOptions {
  /** Made when the first story needs it. */
  readonly model: (at: Omit<JournalPlace, "turn">) => Promise<Model>;
  /** The journal of a project's folder. */
  readonly journalOf: (directory: string) => PromptJournal;
  readonly commandsOf: (place: CommandPlace) => Promise<Commands>;
  /** The version of a prompt in force in a project's folder, or the one that was begun with while it is there. */
  readonly promptOf: (
    name: string,
    directory: string,
    begunWith?: string,
  ) => Promise<PromptTemplate>;
  readonly budgets: RunBudgets;
  /** Absent: no price is known. */
  readonly prices?: () => Promise<PriceTable>;
  /** Absent: first prompts say nothing about what files declare. */
  readonly symbols?: () => Promise<SymbolReader>;
  readonly compilePattern?: CompilePattern;
  readonly clock: Clock;
  /** What the model takes in at most. Default 128,000. */
  readonly contextTokens?: number;
  /** Longest answer. Default 8,192, and no more than a quarter of what the model takes. */
  readonly maxOutputTokens?: number;
}

const noSymbols: SymbolReader = { understands: () => false, symbolsOf: async () => [] };
const defaultContextTokens = 128_000;
const defaultMaxOutputTokens = 8_192;

/**
 * Implements stories with a language model and tools. Its proposal is a claim. What ends the whole
 * run (a budget, a limit, a key, the machine) is thrown as the AutosdError that it is; everything
 * else is an event.
 */
export function createModelImplementer(options: ModelImplementerOptions): Implementer {
  return { kind: "model", implement: (task, signal) => implement(options, task, signal) };
}

async function* implement(
  options: ModelImplementerOptions,
  task: ImplementationTask,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  try {
    for await (const event of attempt(options, task, signal))
      yield event.kind === "proposal"
        ? {
            ...event,
            proposal: {
              ...event.proposal,
              changedTests: admittedTests(task, event.proposal.changedTests),
            },
          }
        : event;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AutosdError) throw error;
    yield {
      kind: "failed",
      reason: clean(messageOf(error)),
      retryable: false,
    };
  }
}

async function* attempt(
  options: ModelImplementerOptions,
  task: ImplementationTask,
  signal: AbortSignal,
): AsyncIterable<AgentEvent> {
  signal.throwIfAborted();
  const { run, workspace } = task;
  if (run === undefined)
    throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", "a story outside a run has no journal");
  const journal = options.journalOf(run.directory);
  const files = workspace.witness?.files ?? workspace;
  const { contextTokens = defaultContextTokens } = options;
  const place = { workspace: files, repository: run.directory, mayInstall: run.mayInstall };
  const [model, prompt, commands, budget] = await Promise.all([
    options.model({ run: run.id, story: task.story.id, attempt: task.attempt }),
    promptOf(options, task, run),
    options.commandsOf(place),
    options.budgets.of(run.id, journal),
  ]);
  yield* implementWithModel(
    {
      model,
      price: priceOf((await options.prices?.()) ?? {}, model.name),
      budget: run.isAhead === true ? budget.ahead() : budget,
      journal,
      commands,
      clock: options.clock,
      prompt,
      gates: gateNames,
      symbols: (await options.symbols?.()) ?? noSymbols,
      compilePattern: options.compilePattern,
      contextTokens,
      maxOutputTokens:
        options.maxOutputTokens ?? Math.min(defaultMaxOutputTokens, Math.floor(contextTokens / 4)),
    },
    task,
    run.id,
    signal,
  );
}

/** An attempt goes on with the prompt that it began with: its paid answers are answers to that one. */
async function promptOf(
  options: ModelImplementerOptions,
  { story, attempt: number }: ImplementationTask,
  run: NonNullable<ImplementationTask["run"]>,
): Promise<PromptTemplate> {
  const place = { run: run.id, story: story.id, attempt: number };
  const records = await options.journalOf(run.directory).of(place);
  const begun = records.findLast((one) => one.kind === "intent");
  return options.promptOf("implement", run.directory, begun?.template);
}
