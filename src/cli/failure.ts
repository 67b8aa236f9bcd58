import { AutosdError, type ErrorCode, type ExitCode } from "../kernel/errors.ts";
import { redactText, redactValue } from "../kernel/redaction.ts";
import { messageOf } from "../kernel/thrown.ts";
import type { CliContext } from "./context.ts";
import { CliError } from "./errors.ts";
import { createPaint } from "./paint.ts";
import { printable } from "./text-width.ts";

/** Commands whose work is journaled: it goes on instead of beginning again. */
const resumable: readonly string[] = ["run", "sprint run", "runs resume"];

/** What is known about a command that failed. */
export interface FailedCommand {
  /** `runs resume`; empty before a command was found. */
  readonly command: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly logFile: string | undefined;
}

/** The document of an error in `--json` mode. */
export interface ErrorDocument {
  readonly schema: "autosd/error@1";
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly exitCode: ExitCode;
  readonly retryable: boolean;
  readonly details: unknown;
}

/**
 * Shows what ended a command and returns the exit code. JSON goes to stdout as the command's one
 * document, text to stderr. Whatever is no AutosdError is a bug and gets a block to report.
 */
export function showFailure(thrown: unknown, failed: FailedCommand, context: CliContext): ExitCode {
  const error = asAutosdError(thrown, failed, context);
  if (failed.json) context.stdout.write(`${JSON.stringify(errorDocument(error))}\n`);
  else context.stderr.write(errorText(error, context));
  if (failed.verbose) context.stderr.write(`${redactText(stackOf(thrown))}\n`);
  return error.exitCode;
}

/** Secrets that a message or a detail may carry are redacted. */
export function errorDocument(error: AutosdError): ErrorDocument {
  return {
    schema: "autosd/error@1",
    code: error.code,
    message: redactText(error.message),
    remedy: redactText(error.remedy),
    exitCode: error.exitCode,
    retryable: error.retryable,
    details: redactValue(error.details),
  };
}

function asAutosdError(thrown: unknown, failed: FailedCommand, context: CliContext): AutosdError {
  if (thrown instanceof AutosdError) return thrown;
  if (context.signal.aborted) {
    return new CliError("AUTOSD-INTERRUPTED", "Interrupted.", {
      cause: thrown,
      remedy: resumable.includes(failed.command)
        ? "autosd runs resume"
        : `autosd ${failed.command}`.trimEnd(),
    });
  }
  const message = messageOf(thrown);
  return new CliError("AUTOSD-INTERNAL", message, {
    cause: thrown,
    details: {
      version: context.version,
      runtime: context.runtime,
      command: failed.command,
      log: failed.logFile ?? null,
    },
  });
}

function errorText(error: AutosdError, context: CliContext): string {
  const paint = createPaint(context.stderr.color);
  const message = redactText(error.message).split("\n").map(printable).join("\n");
  const interrupted = error.exitCode === 130;
  const label = interrupted ? paint.yellow("stopped:") : paint.red("error:");
  return [
    `${label} ${paint.bold(message)}`,
    ...(error.code === "AUTOSD-INTERNAL" ? reportBlock(error) : []),
    ...findingsOf(error).map((one) => `  ${paint.dim("also  ")} ${printable(redactText(one))}`),
    `  ${paint.dim("code  ")} ${error.code}`,
    `  ${paint.dim(interrupted ? "resume" : "remedy")} ${printable(redactText(error.remedy))}`,
    "",
  ].join("\n");
}

/** What was found besides what the message says: a refusal names everything that stands against it. */
function findingsOf(error: AutosdError): readonly string[] {
  const { failures } = error.details;
  if (!Array.isArray(failures)) return [];
  return failures.flatMap((one: unknown) =>
    typeof one === "object" && one !== null && "message" in one && typeof one.message === "string"
      ? one.message === error.message
        ? []
        : [one.message]
      : [],
  );
}

/** The facts that somebody who mends the bug needs. */
function reportBlock(error: AutosdError): readonly string[] {
  return Object.entries(error.details).map(
    ([name, value]) => `  ${name.padEnd(7)} ${printable(redactText(String(value)))}`,
  );
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own = thrown.stack ?? thrown.message;
  return thrown.cause === undefined ? own : `${own}\ncaused by: ${stackOf(thrown.cause)}`;
}
