import type { Entry } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import { headOf, signStatement } from "../../governance/grants/operator-statement.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { believedFacts } from "../../governance/policy/believed-facts.ts";
import type { GrantCalls, ReservationReleased } from "./grant-calls.ts";
import { type GrantServices, signingOperator } from "./grant-services.ts";

/**
 * Gives a reservation back whose action never said how it ended: an operator signs that it did not
 * happen. AUTOSD-AUDIT-QUERY when there is no such entry, AUTOSD-PREAUTH-INPUT when it is none that
 * is open.
 */
export async function releaseReservation(
  services: GrantServices,
  input: Parameters<GrantCalls["release"]>[0],
): Promise<ReservationReleased> {
  const audit = await services.audit();
  const reserved = await audit.entry(input.seq);
  const { idem, grant } = reservationIn(reserved, input.seq);
  const { signer, operator, trust } = await signingOperator(services, input.signer);
  const seen = await audit.facts();
  await refuseNotOpen(seen, trust, { seq: input.seq, idem });
  // Before the log is locked: a person may have to answer.
  const signed = await signStatement(signer, {
    schema: "autosd/release@1",
    seq: input.seq,
    idem,
    reason: input.reason,
    log: headOf(seen),
    atMs: services.clock.now(),
  });
  const { entries } = await audit.transact(async (facts) => {
    await refuseNotOpen(facts, trust, { seq: input.seq, idem });
    const entry = {
      kind: "release" as const,
      actor: { type: "operator" as const, id: operator },
      ...(reserved?.project === undefined ? {} : { project: reserved.project }),
      ...(input.reason === "" ? {} : { reason: input.reason }),
      grant: { ...grant, kids: [signer.kid] },
      idem,
      ref: input.seq,
      details: { ...signed },
    };
    return { append: [entry], value: undefined };
  });
  return {
    seq: entries[0]?.seq ?? 0,
    reservation: input.seq,
    chain: grant.chain,
    kid: signer.kid,
  };
}

function reservationIn(
  entry: Entry | undefined,
  seq: number,
): { readonly idem: string; readonly grant: NonNullable<Entry["grant"]> } {
  if (entry === undefined)
    throw new GovernanceError("AUTOSD-AUDIT-QUERY", `There is no entry ${seq} in the audit log.`);
  const { kind, idem, grant } = entry;
  if (kind === "reserve" && idem !== undefined && grant !== undefined) return { idem, grant };
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `Entry ${seq} of the audit log is no reservation; it is of kind ${kind}.`,
    { remedy: "autosd audit show --kind reserve" },
  );
}

async function refuseNotOpen(
  facts: LogFacts,
  trust: TrustList,
  reservation: { readonly seq: number; readonly idem: string },
): Promise<void> {
  const { seq, idem } = reservation;
  const found = (await believedFacts(facts, trust)).reservationOf(idem);
  if (found?.seq === seq && found.state === "open") return;
  const state = found?.seq === seq ? found.state : "over";
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `The reservation of entry ${seq} is not open; it is ${state}.`,
    { remedy: `autosd audit show --kind reserve` },
  );
}
