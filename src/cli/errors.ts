import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../kernel/errors.ts";

export const cliErrors = {
  "AUTOSD-USAGE": {
    exitCode: 2,
    summary: "The command line is not understood.",
    remedy: "autosd --help",
    retryable: false,
  },
  "AUTOSD-ENV-INVALID": {
    exitCode: 2,
    summary: "An option names an environment that there is not.",
    remedy: "--env dev|staging|prod",
    retryable: false,
  },
  "AUTOSD-CONFIRMATION-REQUIRED": {
    exitCode: 2,
    summary: "The command destroys something and nobody is there to confirm it.",
    remedy: "Run the command on a terminal, or add --force.",
    retryable: false,
  },
  "AUTOSD-DECLINED": {
    exitCode: 3,
    summary: "The question whether to go on was answered with no.",
    remedy: "Run the command again and answer yes, or add --force.",
    retryable: false,
  },
  "AUTOSD-INTERRUPTED": {
    exitCode: 130,
    summary: "The command was interrupted.",
    remedy: "Run the command again.",
    retryable: true,
  },
  "AUTOSD-OUTPUT-LOST": {
    exitCode: 5,
    summary: "What the command printed could not be written.",
    remedy: "Make room where stdout goes, then run the command again.",
    retryable: true,
  },
  "AUTOSD-INTERNAL": {
    exitCode: 1,
    summary: "autosd has a bug.",
    remedy: "Report the printed block; --verbose shows where it happened.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type CliErrorCode = keyof typeof cliErrors;

/** Ends a command for a reason that lies in how it was called. */
export class CliError extends AutosdError {
  constructor(code: CliErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, cliErrors[code], message, options);
  }
}
