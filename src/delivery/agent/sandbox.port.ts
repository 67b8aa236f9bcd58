import type { Dialogue, ProcessResult } from "../../kernel/process.ts";

/** A host path shown inside the sandbox. */
export interface SandboxMount {
  readonly hostPath: string;
  readonly path: string;
  readonly mode: "read-only" | "read-write";
}

/** Where a sandboxed command may connect. Loopback inside the sandbox is always its own. */
export type Egress =
  | { readonly kind: "none" }
  /** Only these `host:port`, through a proxy that the sandbox's HTTP(S)_PROXY names. */
  | { readonly kind: "allow-list"; readonly hosts: readonly string[] };

export interface SandboxLimits {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly maxProcesses: number;
  /** RLIMIT_DATA a process, never the address space: WebAssembly reserves it in gigabytes. */
  readonly maxDataBytes: number;
  readonly maxFileBytes: number;
}

export interface SandboxCommand {
  readonly command: readonly [string, ...string[]];
  /** A path inside the sandbox, at or below the workspace. */
  readonly cwd: string;
  /** Added to the fixed minimal environment; nothing is inherited from autosd. */
  readonly env: Readonly<Record<string, string>>;
  readonly egress: Egress;
  readonly limits: SandboxLimits;
  readonly mounts: readonly SandboxMount[];
  readonly signal?: AbortSignal;
  readonly onOutput?: (chunk: string) => void;
  /** Talks with the command while it runs; its stdout is handed on and not kept. */
  readonly dialogue?: Dialogue;
  /** Told of each `host:port` that it asked for outside `egress`, as the command wrote it. Must not throw. */
  readonly onRefused?: (destination: string) => void;
}

export type SandboxBackend = "bubblewrap" | "unshare" | "none";

/**
 * Runs commands that autosd did not write. Reads outside system folders and the given mounts,
 * the network outside `egress`, AUTOSD_HOME, keys and the caller's environment are out of reach;
 * when the command ends, all of its processes are dead. Never rejects for what the command does.
 */
export interface Sandbox {
  readonly backend: SandboxBackend;
  run(command: SandboxCommand): Promise<ProcessResult>;
  /**
   * Makes a host folder writable for sandboxed commands (they run under another uid when autosd is
   * root). Folders that are mounted read-write go through it first.
   */
  adopt(hostPath: string): Promise<void>;
}

/** What executing the probes showed; `remedy` is what to install or set. */
export interface SandboxProbe {
  readonly backend: SandboxBackend;
  readonly usable: boolean;
  readonly finding: string;
  readonly remedy: string | undefined;
}
