import { approveGrant } from "./approve-grant.ts";
import { createGrant } from "./create-grant.ts";
import { delegateGrant } from "./delegate-grant.ts";
import type { GrantCalls } from "./grant-calls.ts";
import type { GrantServices } from "./grant-services.ts";
import { listGrants } from "./list-grants.ts";
import { reinstateGrant } from "./reinstate-grant.ts";
import { releaseReservation } from "./release-reservation.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { showGrant } from "./show-grant.ts";

/** The calls about grants, over their services. */
export function createGrantCalls(services: GrantServices): GrantCalls {
  return {
    create: (input) => createGrant(services, input),
    list: (input) => listGrants(services, input),
    show: (jti) => showGrant(services, jti),
    revoke: (input) => revokeGrant(services, input),
    approve: (input) => approveGrant(services, input),
    delegate: (input) => delegateGrant(services, input),
    release: (input) => releaseReservation(services, input),
    reinstate: (input) => reinstateGrant(services, input),
  };
}
