import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const workspaceErrors = {
  "AUTOSD-WORKSPACE-PATH": {
    exitCode: 4,
    summary: "An implementer named a path that it may not touch.",
    remedy: "Nothing was written; the attempt is judged without it.",
    retryable: false,
  },
  "AUTOSD-WORKSPACE-UNWRITABLE": {
    exitCode: 5,
    summary: "A file of an attempt cannot be read or written.",
    remedy: "Free disk space or correct the permissions of AUTOSD_HOME: autosd runs resume",
    retryable: true,
  },
} as const satisfies ErrorTable;

export type WorkspaceErrorCode = keyof typeof workspaceErrors;

export class WorkspaceError extends AutosdError {
  constructor(code: WorkspaceErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, workspaceErrors[code], message, options);
  }
}
