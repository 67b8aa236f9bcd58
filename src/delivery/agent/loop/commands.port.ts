import type { ProcessEnd } from "../../../kernel/process.ts";

export interface CommandOutcome {
  readonly end: ProcessEnd;
  /** Both streams, the middle cut. */
  readonly output: string;
  readonly durationMs: number;
  /** Git tree of the workspace afterwards when the command changed its files; undefined: it did not. */
  readonly tree: string | undefined;
  /** Why what it left behind can never be a part of the project; the attempt ends. */
  readonly unsafe: string | undefined;
  /** Hosts that it asked for and may not reach; absent: none. */
  readonly deniedHosts?: readonly string[];
}

/** Shell commands of a model, in the workspace of one attempt, in the sandbox. */
export interface Commands {
  /** A failing command is an outcome; throws when the machine cannot run any. */
  run(command: string, timeoutMs: number, signal: AbortSignal): Promise<CommandOutcome>;
  /** Makes the workspace's files those of a tree that `run` returned. */
  restore(tree: string): Promise<void>;
}
