import { GovernanceError } from "../../governance/errors.ts";
import { requireGrantId } from "../../governance/grants/grant-id.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { GrantCalls, RevokeReport } from "./grant-calls.ts";
import type { GrantServices } from "./grant-services.ts";

/**
 * Takes a grant back: the file first, then the log. Needs no key, and no log: one that cannot be
 * written is reported, not thrown. Repeating it changes nothing. An id that neither the store nor
 * the log knows is AUTOSD-PREAUTH-INPUT: somebody meant another.
 */
export async function revokeGrant(
  services: GrantServices,
  input: Parameters<GrantCalls["revoke"]>[0],
): Promise<RevokeReport> {
  const jti = requireGrantId(input.jti);
  const { store, clock } = services;
  const before = await store.revocationOf(jti);
  if (before.kind === "none" && !(await isKnown(services, jti)))
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", `There is no grant ${jti}.`, {
      remedy: "autosd preauth list",
    });
  await store.revoke({ jti, atMs: clock.now(), reason: input.reason });
  const now = await store.revocationOf(jti);
  const { reason, atMs } =
    now.kind === "revoked" ? now.revocation : { reason: input.reason, atMs: clock.now() };
  const notRecorded = await record(services, { jti, reason });
  return { jti, reason, atMs, wasRevoked: before.kind !== "none", notRecorded };
}

/** A log that cannot be read does not stop a revocation. */
async function isKnown({ store, audit }: GrantServices, jti: string): Promise<boolean> {
  if ((await store.list()).includes(jti)) return true;
  try {
    return (await (await audit()).facts()).issuedAt(jti) !== undefined;
  } catch {
    return true;
  }
}

async function record(
  services: GrantServices,
  of: { readonly jti: string; readonly reason: string },
): Promise<RevokeReport["notRecorded"]> {
  try {
    await (
      await services.audit()
    ).transact(async (facts) => {
      const entry = {
        kind: "grant.revoke" as const,
        actor: { type: "operator" as const, id: services.operator },
        ...(of.reason === "" ? {} : { reason: of.reason }),
        grant: { jti: of.jti, chain: [of.jti], kids: [] },
      };
      // One that somebody claims to have taken back is recorded again: this is the newer word.
      const isClaimed = facts.claimedReinstatements().some(({ jti }) => jti === of.jti);
      const isKnown = facts.isRevoked(of.jti) && !isClaimed;
      return { append: isKnown ? [] : [entry], value: undefined };
    });
    return null;
  } catch (error) {
    (await services.log()).error("a revocation could not be recorded", { jti: of.jti, error });
    if (error instanceof AutosdError) return { code: error.code, message: error.message };
    return {
      code: "AUTOSD-AUDIT-UNWRITABLE",
      message: messageOf(error),
    };
  }
}
