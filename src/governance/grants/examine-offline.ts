import type { TrustList } from "../keys/trust.ts";
import { foreignPinFailures } from "./examine-log.ts";
import { endedKeyFailures } from "./examine-signers.ts";
import { audienceFailures, timeFailures } from "./examine-window.ts";
import type { GrantChain } from "./grant-file.ts";
import type { GrantFailure } from "./reasons.ts";

/**
 * What stands against every use of a sound grant as far as a trust list and a clock can tell, away
 * from the audit log: the log that it is for, time, keys that have ended.
 */
export function offlineFailures(
  of: { readonly nowMs: number; readonly trust: TrustList },
  links: GrantChain,
): readonly GrantFailure[] {
  const facts = { origin: of.trust.origin, lastTimeMs: 0 };
  const check = { ...of, facts };
  return [
    ...audienceFailures(check, links),
    ...timeFailures(check, links),
    ...endedKeyFailures(check, links),
    ...foreignPinFailures(check, links),
  ];
}
