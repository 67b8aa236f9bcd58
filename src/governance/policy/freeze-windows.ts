import type { PrivilegedActionName } from "../grants/action.ts";
import type { DecisionInput } from "./decision-input.ts";
import type { PolicyFreeze } from "./policy-document.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** The epoch began on a Thursday. */
const daysFromThursday = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
/** A freeze that names no actions leaves alone what mends. */
const mending: readonly PrivilegedActionName[] = ["rollback", "heal"];

/** Whether a freeze covers an action now, all times UTC. */
export function isFrozen(freeze: PolicyFreeze, input: DecisionInput): boolean {
  const { action, nowMs, grant } = input;
  if (freeze.environments?.includes(action.environment ?? "none") === false) return false;
  const isCovered = freeze.actions?.includes(action.action) ?? !mending.includes(action.action);
  if (!isCovered) return false;
  if (freeze.exceptBreakGlass === true && grant?.breakGlass === true) return false;
  return freeze.weekly === undefined ? isWithin(freeze, nowMs) : isWeekly(freeze.weekly, nowMs);
}

function isWithin(freeze: PolicyFreeze, nowMs: number): boolean {
  return nowMs >= Date.parse(freeze.from ?? "") && nowMs < Date.parse(freeze.until ?? "");
}

function isWeekly(weekly: NonNullable<PolicyFreeze["weekly"]>, nowMs: number): boolean {
  const from = sinceMidnightMs(weekly.from);
  const until = sinceMidnightMs(weekly.until);
  const lengthMs = until > from ? until - from : until - from + dayMs;
  // A window that began yesterday may still last.
  return [0, 1].some((daysAgo) => {
    const day = Math.floor(nowMs / dayMs) - daysAgo;
    const beganMs = day * dayMs + from;
    const name = daysFromThursday[day % 7];
    return (
      weekly.days.some((one) => one === name) && nowMs >= beganMs && nowMs < beganMs + lengthMs
    );
  });
}

function sinceMidnightMs(timeOfDay: string): number {
  const [hours, minutes] = timeOfDay.split(":");
  return (Number(hours) * 60 + Number(minutes)) * minuteMs;
}
