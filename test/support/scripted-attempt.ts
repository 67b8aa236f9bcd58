import type { AgentEvent, ImplementationTask } from "../../src/delivery/agent/implementer.port.ts";
import type { AttemptParts } from "../../src/delivery/agent/loop/attempt-parts.ts";
import { implementWithModel } from "../../src/delivery/agent/loop/attempt.ts";
import type { CommandOutcome, Commands } from "../../src/delivery/agent/loop/commands.port.ts";
import { RunBudget, type BudgetLimits } from "../../src/delivery/agent/model/budget.ts";
import type {
  Model,
  ModelAnswer,
  ModelRequest,
} from "../../src/delivery/agent/model/model.port.ts";
import type {
  JournalRecord,
  PromptJournal,
} from "../../src/delivery/agent/model/prompt-journal.port.ts";
import type { SymbolReader } from "../../src/delivery/agent/outline/symbols.port.ts";
import type { Workspace } from "../../src/delivery/agent/workspace.port.ts";
import { sha256 } from "../../src/kernel/hash.ts";

/** Thrown where a test lets the process die. */
export class Killed extends Error {}

export type Scripted = Partial<Omit<ModelAnswer, "toolCalls">> & {
  readonly calls?: readonly (readonly [tool: string, given: unknown])[];
};

export type AttemptScript = (request: ModelRequest, number: number) => Scripted | Error;

/** The files of an attempt in memory. */
export function memoryWorkspace(files: Map<string, string>): Workspace {
  return {
    root: "/nowhere",
    baseTree: "base",
    list: async () => [...files.keys()].sort(),
    read: async (path) => {
      const text = files.get(path);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    write: async (path, content) => {
      files.set(path, typeof content === "string" ? content : new TextDecoder().decode(content));
    },
    remove: async (path) => void files.delete(path),
  };
}

/** Commands whose effect a test decides; every state that they leave is kept. */
export class MemoryCommands implements Commands {
  readonly ran: string[] = [];
  readonly #files: Map<string, string>;
  readonly #trees: Map<string, ReadonlyMap<string, string>>;
  readonly #effect: (command: string, files: Map<string, string>) => string;

  constructor(
    files: Map<string, string>,
    trees: Map<string, ReadonlyMap<string, string>>,
    effect: (command: string, files: Map<string, string>) => string,
  ) {
    this.#files = files;
    this.#trees = trees;
    this.#effect = effect;
  }

  async run(command: string): Promise<CommandOutcome> {
    this.ran.push(command);
    const before = JSON.stringify([...this.#files]);
    const output = this.#effect(command, this.#files);
    const after = JSON.stringify([...this.#files]);
    const tree = before === after ? undefined : sha256(after);
    if (tree !== undefined) this.#trees.set(tree, new Map(this.#files));
    const end = { kind: "exited", exitCode: 0 } as const;
    return { end, output, durationMs: 1, tree, unsafe: undefined };
  }

  async restore(tree: string): Promise<void> {
    this.#files.clear();
    for (const [path, text] of this.#trees.get(tree) ?? []) this.#files.set(path, text);
  }
}

export interface Bench {
  readonly base: ReadonlyMap<string, string>;
  readonly records: JournalRecord[];
  readonly trees: Map<string, ReadonlyMap<string, string>>;
  readonly requests: ModelRequest[];
  readonly ran: string[];
}

export function bench(base: Readonly<Record<string, string>> = {}): Bench {
  const start = { records: [], trees: new Map(), requests: [], ran: [] };
  return { base: new Map(Object.entries(base)), ...start };
}

export interface AttemptRun {
  readonly events: readonly AgentEvent[];
  readonly files: ReadonlyMap<string, string>;
}

export interface AttemptOptions {
  readonly script: AttemptScript;
  readonly effect?: (command: string, files: Map<string, string>) => string;
  readonly limits?: BudgetLimits;
  readonly budget?: RunBudget;
  /** The process dies right after this record (0-based over the whole journal) is safe. */
  readonly dieAfter?: number;
  readonly task?: Partial<ImplementationTask>;
  readonly contextTokens?: number;
  readonly symbols?: SymbolReader;
}

const noSymbols: SymbolReader = { understands: () => false, symbolsOf: async () => [] };

/** Runs one attempt as one process would: on the base tree, with the journal that is there. */
export async function runAttempt(on: Bench, options: AttemptOptions): Promise<AttemptRun> {
  const files = new Map(on.base);
  const commands = new MemoryCommands(files, on.trees, options.effect ?? (() => ""));
  const parts: AttemptParts = {
    model: scriptedModel(on, options.script),
    price: undefined,
    budget:
      options.budget ??
      new RunBudget(options.limits ?? { maxTokens: undefined, maxCostMicrousd: undefined }, {
        tokens: 0,
        microusd: 0,
      }),
    journal: mortalJournal(on.records, options.dieAfter),
    commands,
    clock: { now: () => 0, monotonicMs: () => 0 },
    prompt: { id: "implement@1", text: "Implement the story." },
    gates: ["tests"],
    symbols: options.symbols ?? noSymbols,
    contextTokens: options.contextTokens ?? 128_000,
    maxOutputTokens: 1_000,
  };
  const task = { ...exampleTask(memoryWorkspace(files)), ...options.task };
  const events: AgentEvent[] = [];
  try {
    const signal = new AbortController().signal;
    for await (const event of implementWithModel(parts, task, "run_1", signal)) events.push(event);
  } finally {
    on.ran.push(...commands.ran);
  }
  return { events, files };
}

function scriptedModel(on: Bench, script: AttemptScript): Model {
  return {
    provider: "openai-compatible",
    name: "scripted",
    async answer(request) {
      const number = on.requests.length;
      on.requests.push(request);
      const said = script(request, number);
      if (said instanceof Error) throw said;
      const { calls = [], ...rest } = said;
      return {
        text: "",
        toolCalls: calls.map(([name, given], index) => ({
          id: `call_${number}_${index}`,
          name,
          arguments: given,
        })),
        finish: calls.length > 0 ? "tool-calls" : "stop",
        usage: { inputTokens: 100, outputTokens: 10, cachedInputTokens: undefined },
        facts: { latencyMs: 0, retries: 0, waitedMs: 0, responseId: undefined },
        ...rest,
      };
    },
  };
}

function mortalJournal(records: JournalRecord[], dieAfter: number | undefined): PromptJournal {
  return {
    async append(record) {
      records.push(structuredClone(record));
      if (dieAfter !== undefined && records.length > dieAfter) throw new Killed();
    },
    of: async () => [...records],
    async *all() {
      yield* records;
    },
  };
}

export function exampleTask(workspace: Workspace): ImplementationTask {
  return {
    projectId: "shop",
    platform: "node",
    document: { source: "x", text: "x", digest: sha256("x"), title: "Shop", sentences: [] },
    refined: {
      schema: "autosd/refined-requirements@1",
      source: { name: "x", digest: sha256("x") },
      title: "Shop",
      brief: "A shop.",
      ...{ personas: [], stories: [], nonfunctional: [], ambiguities: [], contradictions: [] },
      ...{ missingConstraints: [], edgeCases: [], externalDependencies: [], assumptions: [] },
      ...{ stack: [], notCovered: [] },
    },
    story: {
      id: "ST-1",
      title: "Add two numbers",
      narrative: "As a buyer I want sums so that I can pay.",
      criteria: [{ id: "AC-1.1", given: "two numbers", when: "they are added", then: "the sum" }],
      sentences: [{ id: "S1", text: "It adds numbers." }],
      ...{ features: [], dependsOn: [], attempts: [] },
      points: 1,
      priority: "must",
      status: "in_progress",
      commit: null,
      sprint: null,
    },
    doneStories: [],
    workspace,
    attempt: 1,
    failures: [],
    reproducible: false,
  };
}
