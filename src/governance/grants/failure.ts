import type { GrantFailure, GrantReason } from "./reasons.ts";

/** Where in the verification order something was found. */
export interface FailurePlace {
  /** 1 to 15. */
  readonly stage: number;
  /** 0: the grant itself; 1: its parent, and so on. */
  readonly link: number;
}

/** One finding; `message` is a sentence with the names in it. */
export function failureOf(
  reason: GrantReason,
  place: FailurePlace,
  message: string,
  facts?: GrantFailure["facts"],
): GrantFailure {
  const { stage, link } = place;
  return { reason, stage, link, message, ...(facts === undefined ? {} : { facts }) };
}
