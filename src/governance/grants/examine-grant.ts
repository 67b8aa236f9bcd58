import type { TrustList } from "../keys/trust.ts";
import type { PrivilegedAction } from "./action.ts";
import { bindFailures, gatesOf, scopeFailures } from "./examine-scope.ts";
import { usageFailures } from "./examine-usage.ts";
import { pinFailures, revocationFailures } from "./examine-log.ts";
import { addresseeFailures, timeFailures } from "./examine-window.ts";
import { endedKeyFailures } from "./examine-signers.ts";
import type { RevocationState } from "./grant-store.port.ts";
import { type InspectedGrant, inspectGrantFile } from "./inspect-grant-file.ts";
import type { GateEvidence, LogFacts } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";

/** Everything that decides whether a grant allows an action, as of one state of the audit log. */
export interface GrantCheck {
  /** As it was typed: checked before it means anything. */
  readonly jti: string;
  /** Bytes of the grant's file; undefined when there is none. */
  readonly file: Uint8Array | undefined;
  /** The machine's clock, epoch milliseconds. */
  readonly nowMs: number;
  /** Who acts: `agent:<name>`. */
  readonly subject: string;
  readonly action: PrivilegedAction;
  /** The most that the action may cost. */
  readonly spendCeilingMicrousd: number;
  readonly trust: TrustList;
  readonly facts: LogFacts;
  readonly revocationOf: (jti: string) => Promise<RevocationState>;
  /** Gates that policy asks for, besides those of the grant. */
  readonly requiredGates: readonly string[];
  /** Operators that policy asks for; a grant may ask for more. */
  readonly minimumQuorum: number;
}

export type ExaminedGrant =
  | {
      readonly kind: "allowed";
      readonly grant: Extract<InspectedGrant, { readonly kind: "sound" }>;
      /** Recorded evidence of the gates that were needed. */
      readonly gates: readonly GateEvidence[];
    }
  | {
      readonly kind: "refused";
      readonly failures: readonly [GrantFailure, ...GrantFailure[]];
    };

/**
 * Steps 1 to 13 and 15 of the verification order; policy and halt (14) are the caller's. Stops at
 * what is wrong with structure or cryptography, and from step 8 on collects every finding. Throws
 * AUTOSD-CLOCK-ROLLBACK when the clock stands more than a minute before the newest entry of the log.
 */
export async function examineGrant(check: GrantCheck): Promise<ExaminedGrant> {
  const { jti, file, trust, minimumQuorum, facts } = check;
  const grant = inspectGrantFile({
    file,
    jti,
    trust,
    minimumQuorum,
    facts,
  });
  if (grant.kind === "refused") return grant;
  const { links } = grant;
  const gates = await gatesOf(check, links);
  const [first, ...rest] = [
    ...addresseeFailures(check, links),
    ...timeFailures(check, links),
    ...endedKeyFailures(check, links),
    ...(await revocationFailures(check, links)),
    ...(await pinFailures(check, links)),
    ...scopeFailures(check, links),
    ...bindFailures(check, links),
    ...gates.failures,
    ...usageFailures(check, links),
  ];
  if (first !== undefined) return { kind: "refused", failures: [first, ...rest] };
  return { kind: "allowed", grant, gates: gates.evidence };
}
