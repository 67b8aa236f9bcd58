import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../../kernel/errors.ts";

/** What keeps a prompt template from being written or taken back. */
export const learningErrors = {
  "AUTOSD-TEMPLATE-CHANGED": {
    exitCode: 3,
    summary: "A prompt template is not as autosd wrote it; it is left alone.",
    remedy: "Move the named file away, then run the command again.",
    retryable: false,
  },
} as const satisfies ErrorTable;

/** Nothing was written and nothing removed. */
export class LearningError extends AutosdError {
  constructor(
    code: keyof typeof learningErrors,
    message: string,
    options: AutosdErrorOptions = {},
  ) {
    super(code, learningErrors[code], message, options);
  }
}
