import type { Claim, LogFacts } from "../grants/log-facts.ts";
import type { TrustList } from "../keys/trust.ts";
import { reinstateProblem, releaseProblem, type SignedEntryFacts } from "./signed-entries.ts";

/**
 * The facts with what operators gave back: a reservation or a revoked grant for which at least one
 * entry carries an operator's signature that holds now. Whatever else claims to give something back
 * stays without effect; without a trust list all of it does. Facts are only ever looser for it.
 */
export async function believedFacts(
  facts: LogFacts,
  trust: TrustList | undefined,
): Promise<LogFacts> {
  const known = { trust, facts };
  const released = await genuine(facts.claimedReleases(), releaseProblem, known);
  const reinstated = await genuine(facts.claimedReinstatements(), reinstateProblem, known);
  if (released.length === 0 && reinstated.length === 0) return facts;
  const valid = new Set(reinstated.map(({ jti }) => jti));
  const givenBack = new Set(released.map(({ seq }) => seq));
  return {
    ...facts,
    isRevoked: (jti) => facts.isRevoked(jti) && !valid.has(jti),
    revokedAt: (jti) => (valid.has(jti) ? undefined : facts.revokedAt(jti)),
    usageOf: (jti) => {
      const charged = facts.usageOf(jti);
      const returned = released.filter(({ chain }) => chain.includes(jti));
      const spend = returned.reduce((sum, one) => sum + one.spendMicrousd, 0);
      return {
        uses: Math.max(0, charged.uses - returned.length),
        spendMicrousd: Math.max(0, charged.spendMicrousd - spend),
        // The time of the attempt stays: what was given back does not shorten the interval.
        lastReservedAtMs: charged.lastReservedAtMs,
      };
    },
    reservationOf: (idem) => {
      const found = facts.reservationOf(idem);
      if (found === undefined || !givenBack.has(found.seq)) return found;
      return { ...found, state: "released" };
    },
  };
}

/** Those for which one claim is an operator's word. */
async function genuine<One extends { readonly claims: readonly Claim[] }>(
  claimed: readonly One[],
  problemOf: (one: One, claim: Claim, known: SignedEntryFacts) => Promise<string | undefined>,
  known: SignedEntryFacts,
): Promise<readonly One[]> {
  const believed: One[] = [];
  for (const one of claimed)
    for (const claim of one.claims) {
      if ((await problemOf(one, claim, known)) !== undefined) continue;
      believed.push(one);
      break;
    }
  return believed;
}
