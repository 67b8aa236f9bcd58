import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { EntryDraft } from "../../governance/audit/entry.ts";
import {
  type RecordedTrust,
  recordedTrustSchema,
  recordOf,
} from "../../governance/keys/recorded-trust.ts";
import type { OpenedTrust } from "../../governance/keys/trust-list.ts";
import { GovernanceError } from "../../governance/errors.ts";

/** The entry that every change of the trust list leaves in the log. */
export function trustEntry(
  operator: string,
  opened: Pick<OpenedTrust, "trust" | "digest">,
  change: string,
): EntryDraft {
  return {
    kind: "trust.change",
    actor: { type: "operator", id: operator },
    action: change,
    details: { trust: recordOf(opened) },
  };
}

/**
 * What the log says about the trust list. Throws AUTOSD-AUDIT-TAMPERED when the newest entry about
 * it says nothing that autosd could have written.
 */
export async function recordedTrust(
  log: Pick<AuditLog, "entries">,
): Promise<RecordedTrust | undefined> {
  for await (const entry of log.entries({ kind: "trust.change", last: 1 })) {
    const parsed = recordedTrustSchema.safeParse(entry.details?.["trust"]);
    if (parsed.success) return parsed.data;
    throw new GovernanceError(
      "AUTOSD-AUDIT-TAMPERED",
      `Entry ${entry.seq} of the audit log does not say which trust list it is about.`,
    );
  }
  return undefined;
}
