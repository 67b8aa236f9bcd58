import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

/** What ends or refuses a run that is not the flow's own error. */
export const runErrors = {
  "AUTOSD-RUN-UNKNOWN": {
    exitCode: 2,
    summary: "There is no run of that id.",
    remedy: "autosd runs list",
    retryable: false,
  },
  "AUTOSD-RUN-ID-INVALID": {
    exitCode: 2,
    summary: "A run id has characters that it must not have, or a wrong length.",
    remedy: "Use 1 to 128 letters, digits, dots, dashes and underscores.",
    retryable: false,
  },
  "AUTOSD-RUN-CONFLICT": {
    exitCode: 2,
    summary: "A run of that id exists with another flow, project or input.",
    remedy: "autosd runs list",
    retryable: false,
  },
  "AUTOSD-RUN-BUSY": {
    exitCode: 2,
    summary: "Another process executes a run of the same project.",
    remedy: "autosd runs list",
    retryable: true,
  },
  "AUTOSD-RUN-CHANGED": {
    exitCode: 6,
    summary: "The steps of the command differ from the steps recorded for the run.",
    remedy: "Resume with the autosd version that began the run, or start a new run.",
    retryable: false,
  },
  "AUTOSD-RUN-VERSION": {
    exitCode: 2,
    summary: "The run was begun by an autosd whose steps for this command were different.",
    remedy: "Resume with the autosd version that began the run, or start a new run.",
    retryable: false,
  },
  "AUTOSD-RUN-CANCELLED": {
    exitCode: 130,
    summary: "The run was cancelled.",
    remedy: "autosd runs list",
    retryable: false,
  },
  "AUTOSD-RUN-INTERRUPTED": {
    exitCode: 130,
    summary: "The run was interrupted; what it finished is kept.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-RUN-OUTCOME-UNKNOWN": {
    exitCode: 5,
    summary: "An action failed and it could not be found out whether it took effect.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-RUN-SUPERSEDED": {
    exitCode: 6,
    summary: "Another process took the run over while this one was executing it.",
    remedy: "autosd runs list",
    retryable: false,
  },
  "AUTOSD-RUN-STEPS-CONCURRENT": {
    exitCode: 1,
    summary: "A flow began a step before the step before it had ended.",
    remedy: "Report this as a bug in autosd.",
    retryable: false,
  },
  "AUTOSD-RUN-VALUE-INVALID": {
    exitCode: 1,
    summary: "An input or result of a step is not plain JSON, or is too large to be remembered.",
    remedy: "Report this as a bug in autosd.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type RunErrorCode = keyof typeof runErrors;

/** A run was refused, stopped or cannot go on. */
export class RunError extends AutosdError {
  constructor(code: RunErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, runErrors[code], message, options);
  }
}
