import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import type { Halt } from "../../governance/policy/halt-switch.port.ts";
import { doubtsOf, standingHaltOver } from "../../governance/policy/standing-halt.ts";
import type { Halts } from "./refuse-halted.ts";

/** What tells whether work may go on. Nothing of it writes. */
export interface WorkHaltServices {
  /** The switch itself. */
  readonly halts: Halts;
  /** Another text whenever the audit log is another; undefined: there is none. Cheap. */
  readonly logMark: () => Promise<string | undefined>;
  /** Opened when there is a log. */
  readonly audit: () => Promise<Pick<AuditLog, "facts" | "entry">>;
  readonly trust: () => Promise<TrustList | undefined>;
}

/**
 * The kill switch as all work asks it: its files, and then the audit log, so that a file that
 * somebody took away lifts nothing. The log is read again only when it changed; one that cannot be
 * read throws, since it may hold a halt.
 */
export function createWorkHalts(services: WorkHaltServices): Halts {
  let known: { readonly mark: string; readonly found: Map<string, Halt | undefined> } | undefined;
  return {
    haltOf: async (project) => {
      const thrown = await services.halts.haltOf(project);
      if (thrown !== undefined) return thrown;
      const mark = await services.logMark();
      if (mark === undefined) return undefined;
      if (known?.mark !== mark) known = { mark, found: new Map() };
      const { found } = known;
      if (!found.has(project)) found.set(project, await recordedHalt(services, project));
      return found.get(project);
    },
  };
}

async function recordedHalt(
  services: WorkHaltServices,
  project: string,
): Promise<Halt | undefined> {
  const audit = await services.audit();
  const standing = await standingHaltOver(project, await audit.facts(), services.trust);
  if (standing === undefined) return undefined;
  const { seq } = standing;
  const entry = await audit.entry(seq);
  return {
    project: standing.project,
    reason: [standing.reason, ...doubtsOf(standing)].filter((one) => one !== "").join("; "),
    by: entry?.actor.id ?? "unknown",
    atMs: entry === undefined ? 0 : Date.parse(entry.ts),
    entry: seq,
  };
}
