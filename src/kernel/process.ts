/** What a child that is talked with is written to. */
export interface DialogueInput {
  /** Bytes that the child has not taken yet; whoever writes bounds them. */
  readonly waitingBytes: number;
  /** Never throws; to a child that has ended it does nothing. */
  write(text: string): void;
  end(): void;
}

/** Talks with a child while it runs. Neither call may throw. */
export interface Dialogue {
  /** Once, when the child has been started. */
  readonly begin: (input: DialogueInput) => void;
  /** Its stdout, piece by piece, as it arrives. */
  readonly heard: (bytes: Uint8Array) => void;
}

/** One child process. `command` is an argument array: never a shell string. */
export interface ProcessSpec {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Instead of `stdin`: its stdout is handed on and not kept. */
  readonly dialogue?: Dialogue;
  /** What it can read from its open file 3, which ends there. */
  readonly orders?: string | Uint8Array;
  readonly timeoutMs: number;
  /** Bytes kept of each stream; the middle is cut and the cut is noted. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  /** Called with decoded output as it arrives, for live progress. Must not throw. */
  readonly onOutput?: (chunk: string) => void;
}

export type ProcessEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed-out" }
  | { readonly kind: "cancelled" }
  /** The program could not be started (not found, not executable). */
  | { readonly kind: "not-started"; readonly reason: string };

export interface ProcessResult {
  readonly end: ProcessEnd;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs child processes. Never rejects for what the child does; its end is a value. When a child ends by time-out or cancellation all its descendants are dead before the promise resolves. */
export interface ProcessRunner {
  run(spec: ProcessSpec): Promise<ProcessResult>;
}
