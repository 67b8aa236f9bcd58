import { GovernanceError } from "../../governance/errors.ts";
import { pinFailures, revocationFailures } from "../../governance/grants/examine-log.ts";
import { endedKeys, lateSigners } from "../../governance/grants/examine-signers.ts";
import { timeFailures } from "../../governance/grants/examine-window.ts";
import { parseGrantFile } from "../../governance/grants/grant-file.ts";
import type { Grant } from "../../governance/grants/grant.ts";
import { inspectGrantFile } from "../../governance/grants/inspect-grant-file.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import type { GrantFailure } from "../../governance/grants/reasons.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { believedFacts } from "../../governance/policy/believed-facts.ts";
import type { GrantServices, SigningOperator } from "./grant-services.ts";

/** A grant that was not delegated, whose signatures so far are all genuine. */
export interface SignedByOperators {
  readonly grant: Grant;
  readonly jws: unknown;
  readonly digest: string;
  readonly kids: readonly string[];
  readonly operators: readonly string[];
}

/**
 * What operators signed so far; that more must sign is no obstacle. Throws AUTOSD-PREAUTH-INPUT for
 * a child (its parent is what operators approve), AUTOSD-PREAUTH-INVALID for a signature that is not
 * genuine or not of a trusted key.
 */
export function signedGrantOf(file: Uint8Array, trust: TrustList): SignedByOperators {
  const parsed = parseGrantFile(file);
  if (parsed.kind === "refused") throw invalid([parsed.failure]);
  const [link, parent] = parsed.links;
  if (parent !== undefined)
    throw new GovernanceError(
      "AUTOSD-PREAUTH-INPUT",
      `${link.grant.jti} was delegated; operators approve what it was delegated from.`,
      { remedy: `autosd preauth approve ${parent.grant.jti}` },
    );
  const inspected = inspectGrantFile({ file, trust, minimumQuorum: 1 });
  const { grant, jws, payloadDigest: digest } = link;
  const kids = link.signatures.map((one) => one.kid);
  if (inspected.kind === "sound")
    return { grant, jws, digest, kids, operators: inspected.operators };
  const [failure] = inspected.failures;
  // Found after every signature was verified.
  if (failure.reason !== "quorum_short") throw invalid(inspected.failures);
  const signed = trust.keys.filter((key) => kids.includes(key.kid));
  const operators = signed.filter((key) => key.roles.includes("operator"));
  return {
    grant,
    jws,
    digest,
    kids,
    operators: [...new Set(operators.map((key) => key.operator))],
  };
}

/**
 * Throws when a signature would be for nothing or for a fork: AUTOSD-PREAUTH-INVALID for a grant
 * that is revoked, over, not of this log or signed late by a retired key; AUTOSD-PREAUTH-INPUT when
 * the operator signed already and the log of the grant knows.
 */
export async function refuseUnapprovable(
  { store, clock }: Pick<GrantServices, "store" | "clock">,
  of: {
    readonly grant: SignedByOperators;
    readonly facts: LogFacts;
    readonly trust: TrustList;
    readonly isOurs: boolean;
    readonly operator: SigningOperator | undefined;
  },
): Promise<void> {
  const { trust, operator } = of;
  const facts = await believedFacts(of.facts, trust);
  const { grant, operators, kids } = of.grant;
  const recorded = new Set(facts.signersOf(grant.jti).map(({ kid }) => kid));
  const isRecorded = !of.isOurs || kids.every((kid) => recorded.has(kid));
  if (operator !== undefined && operators.includes(operator.operator) && isRecorded)
    throw new GovernanceError(
      "AUTOSD-PREAUTH-INPUT",
      `${operator.operator} signed ${grant.jti} already; another operator must.`,
      { remedy: `autosd preauth approve ${grant.jti} --signer <kid>` },
    );
  const links = linksOf(of.grant);
  const revocationOf = (jti: string) => store.revocationOf(jti);
  const failures = [
    ...timeFailures({ nowMs: clock.now(), facts }, links),
    ...(await revocationFailures({ facts, revocationOf }, links)),
    // Away from its log there is nothing to hold the pin against.
    ...(of.isOurs ? await pinFailures({ facts }, links) : []),
    ...(of.isOurs ? lateSigners(of.grant, trust, facts) : []),
    // Every signature must hold when the grant is used: another one is for nothing.
    ...endedKeys({ nowMs: clock.now(), facts, trust }, kids, 0),
  ];
  if (failures.length > 0) throw invalid(failures);
}

function linksOf({ grant, jws, digest }: SignedByOperators) {
  return [{ grant, jws, payloadDigest: digest, signatures: [] }] as const;
}

function invalid(failures: readonly GrantFailure[]): GovernanceError {
  const messages = failures.map((one) => one.message).join(" ");
  return new GovernanceError("AUTOSD-PREAUTH-INVALID", messages, {
    details: { reason: failures[0]?.reason, failures },
  });
}
