import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const flowErrors = {
  "AUTOSD-OUTPUT-NOT-OURS": {
    exitCode: 2,
    summary: "The output folder holds files that autosd did not create.",
    remedy: "Choose an empty or new folder with --output-dir.",
    retryable: false,
  },
  "AUTOSD-OUTPUT-UNWRITABLE": {
    exitCode: 2,
    summary: "Files cannot be written in the output folder.",
    remedy: "Choose a writable folder with --output-dir.",
    retryable: false,
  },
  "AUTOSD-PROJECT-CONFLICT": {
    exitCode: 2,
    summary: "The project id is taken by another folder, or the folder by another project id.",
    remedy: "autosd projects list",
    retryable: false,
  },
  "AUTOSD-RUN-TIMEOUT": {
    exitCode: 7,
    summary: "The run used up the time of --timeout-seconds and is resumable.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-NOTHING-TO-RESUME": {
    exitCode: 2,
    summary: "No run is waiting to be resumed.",
    remedy: "autosd runs list",
    retryable: false,
  },
  "AUTOSD-INTEGRITY-COMMIT": {
    exitCode: 6,
    summary: "A commit does not hold the tree that was verified.",
    remedy: "Look at the repository's recent history with git log, then run the command again.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type FlowErrorCode = keyof typeof flowErrors;

/** Ends a flow that drives a project. */
export class FlowError extends AutosdError {
  constructor(code: FlowErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, flowErrors[code], message, options);
  }
}
