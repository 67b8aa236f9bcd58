import type { Fault } from "./fault.ts";
import { dateOf } from "./values.ts";

/** A date that must not lie in the future; one that was not sent has no fault. */
export function notInFuture(
  pointer: string,
  date: string | null | undefined,
  now: Date,
): readonly Fault[] {
  if (date === null || date === undefined || date <= dateOf(now)) return [];
  return [{ pointer, detail: "must not be in the future" }];
}

/** A date that must not lie in the past; one that was not sent has no fault. */
export function notInPast(
  pointer: string,
  date: string | null | undefined,
  now: Date,
): readonly Fault[] {
  if (date === null || date === undefined || date >= dateOf(now)) return [];
  return [{ pointer, detail: "must not be in the past" }];
}
