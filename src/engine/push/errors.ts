import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const pushErrors = {
  "AUTOSD-PUSH-NOTHING": {
    exitCode: 2,
    summary: "The project has no commit to push.",
    remedy: "autosd run --requirements-file requirements.md --output-dir FOLDER",
    retryable: false,
  },
  "AUTOSD-PUSH-REMOTE-UNKNOWN": {
    exitCode: 2,
    summary: "The project's repository has no remote of that name.",
    remedy: "git remote -v",
    retryable: false,
  },
} as const satisfies ErrorTable;

/** Ends a push before anything was asked of the outside. */
export class PushError extends AutosdError {
  constructor(code: keyof typeof pushErrors, message: string, options?: AutosdErrorOptions) {
    super(code, pushErrors[code], message, options);
  }
}
