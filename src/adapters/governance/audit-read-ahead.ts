import { GovernanceError } from "../../governance/errors.ts";
import { hasStoredHashes } from "./audit-hashes.ts";
import { type LoadedLog, loadLog } from "./audit-load.ts";
import type { AuditPlaces } from "./audit-places.ts";

/**
 * What a writer should know before it locks the log: `known`, or else all that is signed, which no
 * other writer takes back, read whole when the stored hashes are gone. Undefined when there is no
 * log yet, or another writer is half way: then what is read under the lock decides.
 */
export async function readAhead(
  places: AuditPlaces,
  known: LoadedLog | undefined,
): Promise<LoadedLog | undefined> {
  if (known !== undefined && (await hasStoredHashes(places, known.tail))) return known;
  try {
    const outcome = await loadLog(places, { isSignedOnly: true });
    if (outcome.kind === "absent" || (await hasStoredHashes(places, outcome.log.tail)))
      return outcome.kind === "absent" ? undefined : outcome.log;
    const whole = await loadLog(places, { isSignedOnly: true, whole: true });
    return whole.kind === "loaded" ? whole.log : undefined;
  } catch (error) {
    if (error instanceof GovernanceError && error.code === "AUTOSD-AUDIT-TAMPERED")
      return undefined;
    throw error;
  }
}
