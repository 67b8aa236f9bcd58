/** One step of building the file view of a sandbox, in order; later steps lie over earlier ones. */
export type ViewStep =
  | {
      readonly kind: "bind";
      readonly from: string;
      readonly to: string;
      readonly mode: "read-only" | "read-write";
    }
  | { readonly kind: "link"; readonly target: string; readonly path: string }
  | { readonly kind: "tmpfs"; readonly path: string; readonly sizeBytes: number }
  /** An empty folder that belongs to the command's user. */
  | { readonly kind: "home"; readonly path: string }
  | { readonly kind: "dev"; readonly sharedMemoryBytes: number }
  | { readonly kind: "proc" };

/** Whom the command runs as. `drop`: autosd is root and gives the user up inside. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly drop: boolean;
}

/** The limits that each process of a command gets; see setrlimit(2). */
export interface ResourceLimits {
  readonly processes: number;
  readonly dataBytes: number;
  readonly fileBytes: number;
  readonly openFiles: number;
}

/** Everything that a backend needs to run one command; what it may see and do is decided here. */
export interface SandboxPlan {
  readonly view: readonly ViewStep[];
  readonly identity: Identity;
  readonly limits: ResourceLimits;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly [string, ...string[]];
  /** The caller's program, which must be there, also when something else in `command` starts it. */
  readonly program: string;
  readonly cwd: string;
  /** The command's stdin is its caller's: what the backend itself has to read comes as open file 3. */
  readonly isDialogue: boolean;
  /** A classic BPF program, see `system-call-filter.ts`. */
  readonly filter: Uint8Array | undefined;
}
