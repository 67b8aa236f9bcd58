/** Process exit codes; the same in text and `--json` mode. See docs/reference/errors.md. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 130;

export type ErrorCode = `AUTOSD-${string}`;

/** One line of the error reference: what an error code means and the command that fixes it. */
export interface ErrorSpec {
  readonly exitCode: ExitCode;
  /** One sentence for the reference: what happened, in general. */
  readonly summary: string;
  /** A command to run, or the action to take when no command can help. */
  readonly remedy: string;
  readonly retryable: boolean;
}

/** The closed table of errors of one room; its keys are the codes. */
export type ErrorTable = Readonly<Record<ErrorCode, ErrorSpec>>;

export interface AutosdErrorOptions {
  /** Replaces the table's remedy by one with the actual names in it. */
  readonly remedy?: string;
  readonly cause?: unknown;
  /** Facts for `--json`; plain data, redacted before it is shown. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * A refusal or failure that ends a command. `message` says what happened and where;
 * subclasses (one a room) fix the table that `code` is looked up in.
 */
export abstract class AutosdError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  protected constructor(
    code: ErrorCode,
    spec: ErrorSpec,
    message: string,
    options: AutosdErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.exitCode = spec.exitCode;
    this.remedy = options.remedy ?? spec.remedy;
    this.retryable = spec.retryable;
    this.details = options.details ?? {};
  }
}

/** The same error, with advice that fits where it was met. */
export class AdvisedError extends AutosdError {
  constructor(error: AutosdError, remedy: string) {
    const { code, exitCode, retryable, message, details, cause } = error;
    const spec = { exitCode, summary: message, remedy, retryable };
    super(code, spec, message, { details, ...(cause === undefined ? {} : { cause }) });
  }
}

/** What the machine lacks, whoever meets it. */
export const machineErrors = {
  "AUTOSD-DISK-FULL": {
    exitCode: 5,
    summary: "A disk (or a quota on it) that autosd writes to is full; nothing finished was lost.",
    remedy: "Free disk space, then run: autosd runs resume",
    retryable: true,
  },
} as const satisfies ErrorTable;

/** No room in `folder`. The same step succeeds once there is room. */
export class DiskFullError extends AutosdError {
  readonly folder: string;

  constructor(folder: string, options: AutosdErrorOptions = {}) {
    super(
      "AUTOSD-DISK-FULL",
      machineErrors["AUTOSD-DISK-FULL"],
      `disk full: there is no room left in ${folder}`,
      { ...options, details: { folder, ...options.details } },
    );
    this.folder = folder;
  }
}
