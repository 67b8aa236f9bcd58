import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { LogFinding, LogVerification } from "../../governance/audit/log-verification.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { signedKinds, statementProblem } from "../../governance/policy/signed-entries.ts";

const maxFindings = 100;

/**
 * The verification of a log, and of what operators say in it: each entry that lifts a halt, gives a
 * reservation back or takes a revocation back carries the signature of an operator whom the trust
 * list knows. A log that does not hold is not asked.
 */
export async function withStatements(
  verified: LogVerification,
  log: Pick<AuditLog, "entries" | "facts">,
  trust: TrustList | undefined,
): Promise<LogVerification> {
  if (verified.failures.length > 0 || verified.size === 0) return verified;
  const facts = await log.facts();
  const found: LogFinding[] = [];
  let checked = 0;
  for (const kind of signedKinds)
    for await (const entry of log.entries({ kind })) {
      // What was appended since is the next verification's.
      if (entry.seq >= verified.size) break;
      checked += 1;
      const problem = await statementProblem(entry, { trust, facts });
      if (problem === undefined || found.length >= maxFindings) continue;
      const message = `entry ${entry.seq} (${kind}) is not an operator's word: ${problem}`;
      found.push({ part: "statement", seq: entry.seq, message });
    }
  if (checked === 0) return verified;
  if (found.length === 0) {
    const said = `Each of ${checked} statements of operators (halts lifted, reservations and grants given back) carries a signature that the trust list vouches for.`;
    return { ...verified, established: [...verified.established, said] };
  }
  return {
    ...verified,
    failures: found.sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0)),
    notEstablished: [
      ...verified.notEstablished,
      "That what operators lifted or gave back was theirs to give: see the failures.",
    ],
  };
}
