/** A halt in force. */
export interface Halt {
  /** Project id; `*` halts everything. */
  readonly project: string;
  readonly reason: string;
  readonly by: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Entry of the audit log that tells of it, when that is all that is left of it. */
  readonly entry?: number;
}

/**
 * The kill switch, in files that any process sees at once. Throwing it needs no key and no log;
 * a file that is there but cannot be read counts as thrown.
 */
export interface HaltSwitch {
  /** The halt that covers the project, `*` included. Cheap: asked before every step. */
  haltOf(project: string): Promise<Halt | undefined>;
  halt(halt: Halt): Promise<void>;
  /** After an operator signed for it and the log recorded it. False when there was none. */
  lift(project: string): Promise<boolean>;
  list(): Promise<readonly Halt[]>;
}
