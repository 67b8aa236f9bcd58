import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

/** Why a requirements file cannot be read. */
export const requirementsErrors = {
  "AUTOSD-REQUIREMENTS-MISSING": {
    exitCode: 2,
    summary: "No requirements were given, or the file does not exist or cannot be opened.",
    remedy: "Pass an existing, readable text file, or text on standard input.",
    retryable: false,
  },
  "AUTOSD-REQUIREMENTS-EMPTY": {
    exitCode: 2,
    summary: "The requirements hold no text.",
    remedy: "Write down what the product should do, then run the command again.",
    retryable: false,
  },
  "AUTOSD-REQUIREMENTS-BINARY": {
    exitCode: 2,
    summary: "The requirements file is not text.",
    remedy: "Save the requirements as plain text or Markdown in UTF-8.",
    retryable: false,
  },
  "AUTOSD-REQUIREMENTS-ENCODING": {
    exitCode: 2,
    summary: "The requirements are not valid UTF-8.",
    remedy: "Convert the file: iconv -f ISO-8859-1 -t UTF-8 requirements.md > requirements-utf8.md",
    retryable: false,
  },
  "AUTOSD-REQUIREMENTS-TOO-LARGE": {
    exitCode: 2,
    summary: "The requirements are larger than autosd reads at once.",
    remedy: "Split the requirements into products of their own, one file each.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type RequirementsErrorCode = keyof typeof requirementsErrors;

/** The requirements as given cannot be worked from; nothing was written. */
export class RequirementsError extends AutosdError {
  constructor(code: RequirementsErrorCode, message: string, options: AutosdErrorOptions = {}) {
    super(code, requirementsErrors[code], message, options);
  }
}
