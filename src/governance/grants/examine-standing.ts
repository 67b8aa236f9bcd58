import type { TrustList } from "../keys/trust.ts";
import { failureOf } from "./failure.ts";
import { pinFailures, revocationFailures } from "./examine-log.ts";
import { endedKeyFailures } from "./examine-signers.ts";
import { audienceFailures, timeFailures } from "./examine-window.ts";
import type { GrantChain } from "./grant-file.ts";
import type { RevocationState } from "./grant-store.port.ts";
import type { LogFacts } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";

/**
 * What stands against every use of a sound grant, whatever the action: audience, time, keys
 * that have ended, revocation, log pin and a budget that is used up. Throws AUTOSD-CLOCK-ROLLBACK like the check itself.
 */
export async function standingFailures(
  check: {
    readonly nowMs: number;
    readonly facts: LogFacts;
    readonly trust: TrustList;
    readonly revocationOf: (jti: string) => Promise<RevocationState>;
  },
  links: GrantChain,
): Promise<readonly GrantFailure[]> {
  return [
    ...audienceFailures(check, links),
    ...timeFailures(check, links),
    ...endedKeyFailures(check, links),
    ...(await revocationFailures(check, links)),
    ...(await pinFailures(check, links)),
    ...links.flatMap(({ grant }, link) => {
      const { uses } = check.facts.usageOf(grant.jti);
      const message = `${grant.jti} has been used ${uses} times of ${grant.budget.uses}.`;
      return uses < grant.budget.uses
        ? []
        : [failureOf("budget_uses", { stage: 15, link }, message)];
    }),
  ];
}
