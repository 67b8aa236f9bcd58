import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

/** The error codes of the sandbox adapters. */
export const sandboxErrors = {
  "AUTOSD-SANDBOX-UNAVAILABLE": {
    exitCode: 2,
    summary: "No sandbox works on this machine, and autosd does not run unknown code without one.",
    remedy: "autosd doctor",
    retryable: false,
  },
  "AUTOSD-SANDBOX-MOUNT": {
    exitCode: 1,
    summary: "A folder was to be shown inside the sandbox that must not be, or that is not there.",
    remedy: "Report it: autosd asked for a mount that its own rules forbid.",
    retryable: false,
  },
  "AUTOSD-SANDBOX-SETUP": {
    exitCode: 2,
    summary: "The sandbox could not be built around a command, which was not run.",
    remedy: "autosd doctor",
    retryable: true,
  },
  "AUTOSD-SANDBOX-EGRESS": {
    exitCode: 2,
    summary:
      "The list of hosts that a sandboxed command may reach holds an entry that is no host:port.",
    remedy: "autosd config show",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type SandboxErrorCode = keyof typeof sandboxErrors;

/** Thrown when a command could not be run in a sandbox; never for what a command did. */
export class SandboxError extends AutosdError {
  constructor(code: SandboxErrorCode, message: string, options: AutosdErrorOptions = {}) {
    super(code, sandboxErrors[code], message, options);
  }
}
