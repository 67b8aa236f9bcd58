import { waitOf } from "../../delivery/agent/limits/limiter.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import { formatDuration } from "../../kernel/duration.ts";

/** A call that is not asked again after a refusal. */
interface LastRefusal {
  /** `openai gpt-...`. */
  readonly name: string;
  /** Redacted, of the last refusal. */
  readonly reason: string;
  /** Before another try would be made. */
  readonly waitMs: number;
  /** The moment of that try, as text. */
  readonly resetAt: string;
  /** Refusals since anybody was let through. */
  readonly inARow: number;
  readonly waitedMs: number;
  readonly maxWaitMs: number;
}

/** AUTOSD-MODEL-RATE-LIMITED: either the server names a moment too far away, or waiting as it said did not help. */
export function refusedTooLong(last: LastRefusal): ModelError {
  const { name, reason, waitMs, resetAt, waitedMs, inARow } = last;
  const longest = `the longest wait is ${formatDuration(last.maxWaitMs)}`;
  const said =
    inARow > 1
      ? `it was refused ${inARow} times in a row, ${formatDuration(waitedMs)} of waiting did not help, and ${longest}`
      : `the limit resets in ${formatDuration(waitMs)}, at ${resetAt}, and ${longest}`;
  const longer = waitOf(inARow > 1 ? Math.max(2 * last.maxWaitMs, waitMs) : waitMs);
  return new ModelError("AUTOSD-MODEL-RATE-LIMITED", `${name}: ${reason}; ${said}`, {
    remedy: `After ${resetAt} run: autosd runs resume; or wait for it: autosd runs resume --wait-for-reset ${longer}`,
    details: { resetAt, waitMs, lastError: reason, refusalsInARow: inARow },
  });
}
