import { AutosdError, type ErrorCode, type ExitCode } from "../../kernel/errors.ts";
import type { RunRecord } from "../../engine/ports/run-engine.port.ts";
import type { JsonText } from "../../engine/ports/run-journal.port.ts";
import { StateError } from "../../state/errors.ts";
import { recall } from "./json-text.ts";

/** An error as it is remembered: what a person or a script is told, without its stack. */
interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly exitCode: ExitCode;
  readonly retryable: boolean;
}

const maxMessageLength = 16_384;

/** An error of an earlier execution, thrown again with the same code, message, remedy and exit code. */
class RecordedError extends AutosdError {
  constructor(data: ErrorData) {
    super(data.code, { ...data, summary: data.message }, data.message);
  }
}

/** JSON of an error; whatever is not an AutosdError is a bug: AUTOSD-INTERNAL, exit 1. */
export function errorText(error: unknown): string {
  return JSON.stringify(dataOf(error));
}

/** The error of an `errorText`. */
export function revivedError(text: JsonText): AutosdError {
  return new RecordedError(text === undefined ? dataOf(undefined) : recall<ErrorData>(text));
}

/** The part of a remembered error that commands show. */
export function shownError(text: JsonText): RunRecord["error"] {
  if (text === undefined) return undefined;
  const { code, message, remedy, exitCode } = recall<ErrorData>(text);
  return { code, message, remedy, exitCode };
}

/**
 * Whether the same step may succeed on a later day although nothing in the run changes: a budget,
 * a rate limit, a halt, an interruption, a full disk, a service that gave no answer or refused the
 * key. Such a step is not failed but unfinished. After attempts without progress a person decides whether to go on.
 */
export function isResumable(error: unknown): boolean {
  if (error instanceof StateError) return error.retryable;
  if (!(error instanceof AutosdError)) return false;
  return (
    [7, 8, 130].includes(error.exitCode) || ([2, 5].includes(error.exitCode) && error.retryable)
  );
}

/** Whether trying again at once makes sense. */
export function isRetryable(error: unknown): boolean {
  return error instanceof AutosdError && error.retryable;
}

function dataOf(error: unknown): ErrorData {
  if (error instanceof AutosdError) {
    const { code, remedy, exitCode, retryable } = error;
    return { code, message: error.message.slice(0, maxMessageLength), remedy, exitCode, retryable };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: "AUTOSD-INTERNAL",
    message: message.slice(0, maxMessageLength),
    remedy: "Report this as a bug in autosd.",
    exitCode: 1,
    retryable: false,
  };
}
