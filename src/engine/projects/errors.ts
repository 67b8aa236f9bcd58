import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const projectErrors = {
  "AUTOSD-PROJECT-NOT-FOUND": {
    exitCode: 2,
    summary: "The folder holds no autosd project.",
    remedy: "autosd run --requirements-file requirements.md --output-dir FOLDER",
    retryable: false,
  },
  "AUTOSD-PROJECT-UNKNOWN": {
    exitCode: 2,
    summary: "No project of that id is in the portfolio.",
    remedy: "autosd projects list",
    retryable: false,
  },
  "AUTOSD-RECORD-INVALID": {
    exitCode: 6,
    summary: "A record below .autosd cannot be read: it is damaged or was not written by autosd.",
    remedy: "Restore the named file from a copy, or move it away, then run the command again.",
    retryable: false,
  },
  "AUTOSD-REFINED-MISSING": {
    exitCode: 2,
    summary: "The folder holds no refined requirements.",
    remedy: "autosd refine --requirements-file FILE",
    retryable: false,
  },
  "AUTOSD-REFINED-STALE": {
    exitCode: 2,
    summary: "The requirements were changed after they were refined.",
    remedy: "autosd refine --requirements-file requirements.md --output-dir FOLDER",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type ProjectErrorCode = keyof typeof projectErrors;

/** Ends a command because a project, or one of its records, is not there or not sound. */
export class ProjectError extends AutosdError {
  constructor(code: ProjectErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, projectErrors[code], message, options);
  }
}
