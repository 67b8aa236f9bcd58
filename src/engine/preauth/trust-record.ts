import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { EntryDraft } from "../../governance/audit/entry.ts";
import { recordOf, type TrustOnRecord } from "../../governance/keys/recorded-trust.ts";
import type { OpenedTrust } from "../../governance/keys/trust-list.ts";

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

/** What the log says about the trust list; see `LogFacts.recordedTrust`. */
export async function recordedTrust(
  log: Pick<AuditLog, "facts">,
): Promise<TrustOnRecord | undefined> {
  return (await log.facts()).recordedTrust();
}
