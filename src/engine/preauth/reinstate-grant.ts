import { GovernanceError } from "../../governance/errors.ts";
import { requireGrantId } from "../../governance/grants/grant-id.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import { headOf, signStatement } from "../../governance/grants/operator-statement.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { believedFacts } from "../../governance/policy/believed-facts.ts";
import type { GrantCalls, GrantReinstated } from "./grant-calls.ts";
import { type GrantServices, signingOperator, trustInUse } from "./grant-services.ts";

/**
 * Takes a revocation back: an operator signs for it, the log records it, then the file goes. A crash
 * in between leaves the grant revoked.
 */
export async function reinstateGrant(
  services: GrantServices,
  input: Parameters<GrantCalls["reinstate"]>[0],
): Promise<GrantReinstated> {
  const jti = requireGrantId(input.jti);
  const audit = await services.audit();
  const seen = await audit.facts();
  const inFiles = (await services.store.revocationOf(jti)).kind !== "none";
  const isInForce =
    inFiles ||
    (seen.isRevoked(jti) && (await revocationIn(seen, await trustInUse(services), jti)) !== null);
  if (!isInForce) return { jti, wasRevoked: false, seq: null };
  const { signer, operator, trust } = await signingOperator(services, input.signer);
  const revokedSeq = await revocationIn(seen, trust, jti);
  // Before the log is locked: a person may have to answer.
  const signed = await signStatement(signer, {
    schema: "autosd/reinstate@1",
    jti,
    revokedSeq,
    reason: input.reason,
    log: headOf(seen),
    atMs: services.clock.now(),
  });
  const { entries } = await audit.transact(async (facts) => {
    if ((await revocationIn(facts, trust, jti)) !== revokedSeq) throw revokedAgain(jti);
    const entry = {
      kind: "grant.reinstate" as const,
      actor: { type: "operator" as const, id: operator },
      ...(input.reason === "" ? {} : { reason: input.reason }),
      grant: { jti, chain: [jti], kids: [signer.kid] },
      ...(revokedSeq === null ? {} : { ref: revokedSeq }),
      details: { ...signed },
    };
    return { append: [entry], value: undefined };
  });
  await services.store.reinstate(jti);
  return { jti, wasRevoked: true, seq: entries[0]?.seq ?? null };
}

/** The entry of the revocation in force; null when the log knows of none. */
async function revocationIn(
  facts: LogFacts,
  trust: TrustList,
  jti: string,
): Promise<number | null> {
  return (await believedFacts(facts, trust)).revokedAt(jti) ?? null;
}

function revokedAgain(jti: string): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `${jti} was revoked or reinstated while the signature was made; nothing was changed.`,
    { remedy: `autosd preauth reinstate ${jti}` },
  );
}
