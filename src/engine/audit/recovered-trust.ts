import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { LogVerification } from "../../governance/audit/log-verification.ts";

const maxNamed = 20;

/**
 * The verification of a log, and which trust lists in it nobody of the list before signed, since its
 * keys were lost: who made them is not established.
 */
export async function withRecoveries(
  verified: LogVerification,
  log: Pick<AuditLog, "entries">,
): Promise<LogVerification> {
  if (verified.size === 0) return verified;
  const found: string[] = [];
  for await (const { seq, ts, action } of log.entries({ kind: "trust.change" })) {
    if (seq >= verified.size || found.length >= maxNamed) break;
    if (action === "recover")
      found.push(
        `That the trust list of entry ${seq} (${ts}) is an operator's: it was recovered without a signature of the list before.`,
      );
  }
  return { ...verified, notEstablished: [...verified.notEstablished, ...found] };
}
