import type { GlancedChain, GlancedGrant } from "../../governance/grants/glance-grant.ts";
import type { GrantState, ShownGrant } from "./grant-calls.ts";

/** What a grant says, in the units of the engine. */
export function shownGrant(grant: GlancedGrant): ShownGrant {
  return {
    jti: grant.jti,
    issuer: grant.iss,
    subject: grant.sub,
    entries: grant.authorization_details,
    gates: grant.gates,
    waivedGates: grant.waive ?? [],
    maxUses: grant.budget.uses,
    maxSpendMicrousd: grant.budget.spend_microusd,
    minIntervalS: grant.budget.min_interval_s,
    breakGlass: grant.break_glass,
    reason: grant.reason,
    quorum: grant.quorum,
    bind: grant.bind,
    depth: grant.depth,
    parent: grant.parent === undefined ? undefined : grant.iss,
    issuedAtMs: grant.iat * 1_000,
    notBeforeMs: grant.nbf * 1_000,
    expiresAtMs: grant.exp * 1_000,
  };
}

/** By claims, clock and the ids that are revoked; signatures are counted, not verified. */
export function listedState(
  links: GlancedChain,
  nowMs: number,
  revoked: ReadonlySet<string>,
): GrantState {
  if (links.some(({ grant }) => revoked.has(grant.jti))) return "revoked";
  const nowS = nowMs / 1_000;
  if (links.some(({ grant }) => nowS >= grant.exp)) return "expired";
  const need = Math.max(...links.map(({ grant }) => grant.quorum));
  const root = links.at(-1);
  if (root === undefined || root.signatures.length < need) return "unsigned";
  const { nbf, iat } = links[0].grant;
  return nowS < Math.max(nbf, iat) ? "not-yet" : "active";
}
