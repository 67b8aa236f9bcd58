import type { StoredGrant } from "../../governance/grants/grant-store.port.ts";
import { glanceGrant } from "../../governance/grants/glance-grant.ts";
import type { GrantCalls, ListedGrant } from "./grant-calls.ts";
import type { GrantServices } from "./grant-services.ts";
import { listedState, shownGrant } from "./shown-grant.ts";

/** Every grant of the store, oldest first. Verifies no signature and asks no log. */
export async function listGrants(
  { store, clock }: Pick<GrantServices, "store" | "clock">,
  input: Parameters<GrantCalls["list"]>[0],
): Promise<readonly ListedGrant[]> {
  const [stored, revoked] = await Promise.all([store.readAll(), store.revokedIds()]);
  const nowMs = clock.now();
  const listed = stored.map((one) => listedGrant(one, nowMs, revoked));
  return input.activeOnly ? listed.filter((one) => one.state === "active") : listed;
}

function listedGrant(
  stored: StoredGrant,
  nowMs: number,
  revoked: ReadonlySet<string>,
): ListedGrant {
  const { jti } = stored;
  if (stored.kind === "unreadable") return unreadable(jti, stored.finding);
  const links = glanceGrant(stored.bytes);
  if (links === undefined) return unreadable(jti, "The file is no grant.");
  const { grant } = links[0];
  if (grant.jti !== jti) return unreadable(jti, `The file holds the grant ${grant.jti}.`);
  return {
    jti,
    state: listedState(links, nowMs, revoked),
    grant: shownGrant(grant),
    finding: undefined,
  };
}

function unreadable(jti: string, finding: string): ListedGrant {
  return { jti, state: "unreadable", grant: undefined, finding };
}
