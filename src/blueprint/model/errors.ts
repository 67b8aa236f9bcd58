import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

/** Why a document cannot become a product with blueprint. */
export const blueprintErrors = {
  "AUTOSD-BLUEPRINT-TOO-LARGE": {
    exitCode: 2,
    summary: "The requirements describe more entities or fields than one product may have.",
    remedy: "Split the requirements into products of their own, one file each.",
    retryable: false,
  },
  "AUTOSD-PLATFORM-UNKNOWN": {
    exitCode: 2,
    summary: "The preferred platform does not exist.",
    remedy: "Leave the platform out, or name one of those that the message lists.",
    retryable: false,
  },
} as const satisfies ErrorTable;

/** The requirements were read, but blueprint cannot plan the product that they describe. */
export class BlueprintError extends AutosdError {
  constructor(
    code: keyof typeof blueprintErrors,
    message: string,
    options: AutosdErrorOptions = {},
  ) {
    super(code, blueprintErrors[code], message, options);
  }
}
