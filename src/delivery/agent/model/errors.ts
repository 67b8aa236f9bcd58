import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../../kernel/errors.ts";

/** What ends a call of a language model. Retryable ones leave the run resumable. */
export const modelErrors = {
  "AUTOSD-MODEL-UNCONFIGURED": {
    exitCode: 2,
    summary: "The provider needs a model, an address or a key that is not configured.",
    remedy: "autosd run --help",
    retryable: false,
  },
  "AUTOSD-MODEL-AUTH": {
    exitCode: 2,
    summary: "The provider's key is missing or refused, or may not use the model.",
    remedy: "Check the key in the environment or in the key file, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-MODEL-QUOTA": {
    exitCode: 5,
    summary: "The account has no credit left; waiting does not help.",
    remedy: "Add credit at the provider, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-MODEL-REFUSED": {
    exitCode: 5,
    summary: "The provider refuses the request as it is.",
    remedy:
      "Correct --model or --base-url and give the command again; when both are right: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-MODEL-CONTEXT": {
    exitCode: 5,
    summary:
      "The provider says that a request is longer than its model takes, also when shortened.",
    remedy:
      "Say what the model takes with modelContextTokens in config.json, or choose a larger model, and give the command again",
    retryable: true,
  },
  "AUTOSD-MODEL-UNAVAILABLE": {
    exitCode: 5,
    summary: "The provider cannot be reached or kept failing after bounded retries.",
    remedy: "Check the network and the provider, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-MODEL-CUT": {
    exitCode: 5,
    summary: "The provider's answers kept ending in the middle.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-MODEL-RATE-LIMITED": {
    exitCode: 7,
    summary: "The provider's rate limit does not reset within the longest wait that was allowed.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-BUDGET-SPENT": {
    exitCode: 7,
    summary: "The next call could cross the budget of money or tokens; it was not made.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-MODEL-ANSWER": {
    exitCode: 4,
    summary: "The model's answer does not have the shape that was asked for, after asking again.",
    remedy: "Choose another model with --planner-model or --model, then run the command again.",
    retryable: false,
  },
  "AUTOSD-NO-PROGRESS": {
    exitCode: 8,
    summary: "Several attempts in a row brought no story nearer to done.",
    remedy:
      "Clarify what the stories ask for and run again, or go on with the others: autosd runs resume",
    retryable: true,
  },
} as const satisfies ErrorTable;

export type ModelErrorCode = keyof typeof modelErrors;

/** What is known of a call that failed. */
export interface FailedCall {
  /**
   * Answers that a provider may have been paid for although nothing came of them: those that broke
   * off, and one that was whole and could not be used. Absent: not known.
   */
  readonly paidAnswers?: number;
  /** What the model takes, where the provider says that a request was longer. */
  readonly contextTokens?: number | undefined;
}

export class ModelError extends AutosdError {
  readonly paidAnswers: number | undefined;
  readonly contextTokens: number | undefined;

  constructor(
    code: ModelErrorCode,
    message: string,
    options: AutosdErrorOptions & FailedCall = {},
  ) {
    const { paidAnswers, contextTokens, ...rest } = options;
    const details = paidAnswers === undefined ? rest.details : { ...rest.details, paidAnswers };
    super(code, modelErrors[code], message, {
      ...rest,
      ...(details === undefined ? {} : { details }),
    });
    this.paidAnswers = paidAnswers;
    this.contextTokens = contextTokens;
  }

  /** The same error, of a call that so many answers may have been paid for. */
  costing(paidAnswers: number): ModelError {
    if (!isModelErrorCode(this.code)) return this;
    const { message, remedy, details, cause, contextTokens } = this;
    const known = { paidAnswers, contextTokens };
    return new ModelError(this.code, message, { remedy, details, cause, ...known });
  }
}

function isModelErrorCode(code: string): code is ModelErrorCode {
  return Object.hasOwn(modelErrors, code);
}
