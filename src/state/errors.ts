import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../kernel/errors.ts";

/**
 * What can go wrong with stored state. `retryable` means that the machine, not the data, is in
 * the way: the same call may succeed later, so a run that meets it is interrupted, not failed.
 */
export const stateErrors = {
  "AUTOSD-STATE-BUSY": {
    exitCode: 5,
    summary: "The state database stayed locked by another process for too long.",
    remedy: "Wait until the other autosd process has finished, then run the command again.",
    retryable: true,
  },
  "AUTOSD-STATE-IO": {
    exitCode: 6,
    summary: "The operating system refused to read or write autosd's state.",
    remedy: "Check the permissions and the health of the disk, then run the command again.",
    retryable: true,
  },
  "AUTOSD-STATE-CORRUPT": {
    exitCode: 6,
    summary: "The state database is damaged or is not a database of autosd.",
    remedy: "Move the named file away and restore it from a backup, or start with a new one.",
    retryable: false,
  },
  "AUTOSD-STATE-NEWER": {
    exitCode: 6,
    summary: "The state database was written by a newer autosd.",
    remedy: "npm install --global autosd@latest",
    retryable: false,
  },
  "AUTOSD-STATE-HOME-UNSAFE": {
    exitCode: 6,
    summary: "The home folder of autosd (or a file in it) is not safely yours.",
    remedy: "Point AUTOSD_HOME at a folder of your own that nobody else can write to.",
    retryable: false,
  },
  "AUTOSD-STATE-PATH-REFUSED": {
    exitCode: 6,
    summary: "A path leaves the project's .autosd folder or leads through a symbolic link.",
    remedy: "Remove the symbolic link from the project's .autosd folder, then run again.",
    retryable: false,
  },
  "AUTOSD-STATE-VALUE-REFUSED": {
    exitCode: 1,
    summary: "A value cannot be stored without being changed.",
    remedy: "Report this as a bug in autosd.",
    retryable: false,
  },
  "AUTOSD-STATE-TX-MISUSED": {
    exitCode: 1,
    summary: "A transaction was used after its end or opened inside another one.",
    remedy: "Report this as a bug in autosd.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type StateErrorCode = keyof typeof stateErrors;

/** Stored state could not be read or written. */
export class StateError extends AutosdError {
  constructor(code: StateErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, stateErrors[code], message, options);
  }
}
