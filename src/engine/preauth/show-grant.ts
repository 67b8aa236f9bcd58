import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { standingFailures } from "../../governance/grants/examine-standing.ts";
import { parseGrantFile } from "../../governance/grants/grant-file.ts";
import { requireGrantId } from "../../governance/grants/grant-id.ts";
import { inspectGrantFile } from "../../governance/grants/inspect-grant-file.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import type { GrantFailure } from "../../governance/grants/reasons.ts";
import { believedFacts } from "../../governance/policy/believed-facts.ts";
import type { GrantStanding, OpenReservation, ShownGrant } from "./grant-calls.ts";
import { type GrantServices, trustInUse } from "./grant-services.ts";
import { listedState, shownGrant } from "./shown-grant.ts";

/**
 * A grant with all that is known about it: its signatures, what the log says, what is left of it.
 * Writes nothing. An id of no grant is AUTOSD-PREAUTH-INPUT.
 */
export async function showGrant(services: GrantServices, text: string): Promise<GrantStanding> {
  const jti = requireGrantId(text);
  const { store, clock } = services;
  const file = await store.read(jti);
  if (file === undefined)
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", `There is no grant ${jti}.`, {
      remedy: "autosd preauth list",
    });
  const parsed = parseGrantFile(file);
  const shown = parsed.kind === "parsed" ? shownGrant(parsed.links[0].grant) : undefined;
  const audit = await services.audit();
  const trust = await trustInUse(services);
  const facts = await believedFacts(await audit.facts(), trust);
  const usage = facts.usageOf(jti);
  const openReservations = usage.uses === 0 ? [] : await openReservationsOf(jti, audit, facts);
  const inspected = inspectGrantFile({
    file,
    jti,
    trust,
    minimumQuorum: 1,
    facts,
  });
  const trustRecoveries = (trust.recoveries ?? []).map(({ version }) => version);
  if (inspected.kind === "refused")
    return unsound({
      ...{ jti, grant: shown, trustRecoveries, usage, openReservations },
      failures: inspected.failures,
    });
  const { links, operators, kids, unprotected } = inspected;
  const nowMs = clock.now();
  const revocationOf = (id: string) => store.revocationOf(id);
  const failures = await standingFailures({ nowMs, facts, trust, revocationOf }, links);
  const revoked = failures.some((one) => one.reason.startsWith("revo"));
  const listed = revoked ? "revoked" : listedState(links, nowMs, new Set());
  return {
    jti,
    state: listed === "active" ? activeState(failures) : listed,
    grant: shown,
    operators,
    kids,
    unprotected,
    trustRecoveries,
    usage,
    openReservations,
    failures,
  };
}

/** The newest ones. */
const maxShown = 100;

/** Those of its children too: they are charged to it. */
async function openReservationsOf(
  jti: string,
  audit: Pick<AuditLog, "entry">,
  facts: Pick<LogFacts, "reservationOf" | "openReservationsOf">,
): Promise<readonly OpenReservation[]> {
  const open: OpenReservation[] = [];
  for (const seq of facts.openReservationsOf(jti).slice(-maxShown)) {
    const { idem = "", action = "", project = "" } = (await audit.entry(seq)) ?? {};
    // One that was given back is still open in the facts of the log.
    const reservation = facts.reservationOf(idem);
    if (reservation?.seq !== seq || reservation.state !== "open") continue;
    open.push({ seq, action, project, reservedAtMs: reservation.reservedAtMs });
  }
  return open;
}

function activeState(failures: readonly GrantFailure[]): GrantStanding["state"] {
  if (failures.length === 0) return "active";
  return failures.every((one) => one.reason === "budget_uses") ? "spent" : "invalid";
}

function unsound(of: {
  readonly jti: string;
  readonly grant: ShownGrant | undefined;
  readonly trustRecoveries: GrantStanding["trustRecoveries"];
  readonly usage: GrantStanding["usage"];
  readonly openReservations: GrantStanding["openReservations"];
  readonly failures: readonly GrantFailure[];
}): GrantStanding {
  const isShort = of.failures.every((one) => one.reason === "quorum_short");
  const state = of.grant === undefined ? "unreadable" : isShort ? "unsigned" : "invalid";
  const signed = of.failures[0]?.facts?.["operators"];
  const operators = isShort && Array.isArray(signed) ? signed.map(String) : [];
  return { ...of, state, operators, kids: [], unprotected: false };
}
