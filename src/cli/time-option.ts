import { parseDuration } from "../kernel/duration.ts";
import type { Invocation } from "./action.ts";
import { CliError } from "./errors.ts";
import { textOption } from "./typed-options.ts";

/** A duration back from now, or a time; in milliseconds, undefined when it was not given. */
export function timeOption(
  options: Invocation["options"],
  name: string,
  nowMs: number,
): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const backMs = parseDuration(text);
  if (backMs !== undefined) return nowMs - backMs;
  const timeMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new CliError(
    "AUTOSD-USAGE",
    `--${name} must be a duration such as 24h, or a time such as 2026-01-31T10:00Z; it is ${text}.`,
  );
}
