import { requireGrantId } from "../../governance/grants/grant-id.ts";
import { headOf, signStatement } from "../../governance/grants/operator-statement.ts";
import type { GrantCalls, GrantReinstated } from "./grant-calls.ts";
import { type GrantServices, signingOperator } from "./grant-services.ts";

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
  const inFiles = (await services.store.revocationOf(jti)).kind !== "none";
  if (!inFiles && !(await audit.facts()).isRevoked(jti))
    return { jti, wasRevoked: false, seq: null };
  const { signer, operator } = await signingOperator(services, input.signer);
  const { entries } = await audit.transact(async (facts) => {
    const signed = await signStatement(signer, {
      schema: "autosd/reinstate@1",
      jti,
      reason: input.reason,
      log: headOf(facts),
      atMs: services.clock.now(),
    });
    const entry = {
      kind: "grant.reinstate" as const,
      actor: { type: "operator" as const, id: operator },
      ...(input.reason === "" ? {} : { reason: input.reason }),
      grant: { jti, chain: [jti], kids: [signer.kid] },
      details: { ...signed },
    };
    return { append: [entry], value: undefined };
  });
  await services.store.reinstate(jti);
  return { jti, wasRevoked: true, seq: entries[0]?.seq ?? null };
}
