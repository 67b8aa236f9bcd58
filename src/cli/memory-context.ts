import { resolveConfig } from "../config/resolve-config.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { CliContext, Output } from "./context.ts";
import { runCli } from "./run-cli.ts";

/** What a memory terminal is; by default a pipe of 80 columns without colour. */
export interface MemoryTerminal {
  readonly isTerminal?: boolean;
  /** Default: as `isTerminal`. */
  readonly stdinIsTerminal?: boolean;
  readonly color?: boolean;
  readonly columns?: number;
  /** What is typed when a question is asked. */
  readonly answer?: string;
  readonly signal?: AbortSignal;
}

/** A command line without a process, for tests: what goes out is kept. */
export interface MemoryContext {
  readonly context: CliContext;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Moves the clock, then lets each repeated callback run once. */
  readonly tick: (ms: number) => void;
  /** Runs what was to run at the end of the process, and says how much that was. */
  readonly exit: () => number;
  readonly repeating: () => number;
}

/** `engine` holds the calls that the test expects; any other fails. */
export function createMemoryContext(
  engine: Partial<Autosd> = {},
  terminal: MemoryTerminal = {},
): MemoryContext {
  const stdout = memoryOutput(terminal);
  const stderr = memoryOutput(terminal);
  const callbacks = new Set<() => void>();
  const cleanups = new Set<() => void>();
  let nowMs = 0;
  const context: CliContext = {
    stdout: stdout.output,
    stderr: stderr.output,
    stdin: {
      isTerminal: terminal.stdinIsTerminal ?? terminal.isTerminal ?? false,
      question: async (prompt) => {
        stderr.output.write(prompt);
        return terminal.answer ?? "";
      },
    },
    cwd: "/here",
    version: "1.2.3",
    runtime: "v20.0.0 linux x64",
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    every: (_intervalMs, callback) => held(callbacks, callback),
    atExit: (cleanup) => held(cleanups, cleanup),
    signal: terminal.signal ?? new AbortController().signal,
    configure: async (flags) =>
      resolveConfig({
        flags,
        env: {},
        project: undefined,
        home: undefined,
        workingFolder: "/here",
        userHome: "/home/user",
      }),
    load: async () => unexpectingEngine(engine),
  };
  return {
    context,
    stdout: stdout.text,
    stderr: stderr.text,
    tick: (ms) => {
      nowMs += ms;
      for (const callback of callbacks) callback();
    },
    exit: () => {
      const count = cleanups.size;
      for (const cleanup of cleanups) cleanup();
      return count;
    },
    repeating: () => callbacks.size,
  };
}

/** Runs one command line on memory streams. */
export async function runInMemory(
  args: readonly string[],
  engine: Partial<Autosd> = {},
  terminal: MemoryTerminal = {},
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const memory = createMemoryContext(engine, terminal);
  const exitCode = await runCli(args, memory.context);
  return { exitCode, stdout: memory.stdout(), stderr: memory.stderr() };
}

function memoryOutput(terminal: MemoryTerminal): {
  readonly output: Output;
  readonly text: () => string;
} {
  let text = "";
  return {
    output: {
      write: (more) => {
        text += more;
      },
      isTerminal: terminal.isTerminal ?? false,
      color: terminal.color ?? false,
      canRepaint: terminal.isTerminal ?? false,
      columns: () => terminal.columns ?? 80,
    },
    text: () => text,
  };
}

function held<T>(set: Set<T>, member: T): () => void {
  set.add(member);
  return () => set.delete(member);
}

function unexpectingEngine(engine: Partial<Autosd>): Autosd {
  const unexpected = async (): Promise<never> => {
    throw new Error("the command made a call that the test does not expect");
  };
  return {
    run: unexpected,
    refine: unexpected,
    checkTraceability: unexpected,
    backlog: { show: unexpected, refine: unexpected },
    sprint: {
      plan: unexpected,
      start: unexpected,
      review: unexpected,
      retro: unexpected,
      metrics: unexpected,
      run: unexpected,
    },
    runs: { list: unexpected, show: unexpected, resume: unexpected, cancel: unexpected },
    projects: {
      list: unexpected,
      show: unexpected,
      summary: unexpected,
      status: unexpected,
      retire: unexpected,
    },
    audit: unexpectedAudit(unexpected),
    keys: {
      init: unexpected,
      replaceLost: unexpected,
      rotate: unexpected,
      trustList: unexpected,
      trustAdd: unexpected,
      trustRemove: unexpected,
      verifyFile: unexpected,
    },
    grants: {
      create: unexpected,
      list: unexpected,
      show: unexpected,
      revoke: unexpected,
      approve: unexpected,
      delegate: unexpected,
      release: unexpected,
      reinstate: unexpected,
    },
    policy: {
      show: unexpected,
      explain: unexpected,
      test: unexpected,
      replay: unexpected,
      check: unexpected,
    },
    halts: { halt: unexpected, resume: unexpected, list: unexpected },
    learn: { report: unexpected, update: unexpected, undo: unexpected },
    push: unexpected,
    doctor: unexpected,
    close: async () => undefined,
    ...engine,
  };
}

function unexpectedAudit(unexpected: () => Promise<never>): Autosd["audit"] {
  return {
    entries: () => {
      throw new Error("the command made a call that the test does not expect");
    },
    verify: unexpected,
    prove: unexpected,
    checkpoint: unexpected,
    saveCheckpoint: unexpected,
    anchors: unexpected,
    addAnchor: unexpected,
    checkpointAt: unexpected,
    submit: unexpected,
    witnesses: unexpected,
    witnessKey: unexpected,
  };
}
