import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../kernel/errors.ts";

export const configErrors = {
  "AUTOSD-CONFIG-INVALID": {
    exitCode: 2,
    summary:
      "An option has a value it cannot have, a key that does not exist, or stands in a file that may not set it.",
    remedy: "Correct what the message names; docs/reference/config.md lists every option.",
    retryable: false,
  },
  "AUTOSD-CONFIG-UNREADABLE": {
    exitCode: 2,
    summary: "A configuration file is there but cannot be read, or is not a JSON object.",
    remedy: "Make the named file a readable JSON object, or delete it to use the defaults.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type ConfigErrorCode = keyof typeof configErrors;

/** Configuration that autosd will not guess around; names every problem found, not the first. */
export class ConfigError extends AutosdError {
  constructor(code: ConfigErrorCode, message: string, options: AutosdErrorOptions = {}) {
    super(code, configErrors[code], message, options);
  }
}
