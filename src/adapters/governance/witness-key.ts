import { join } from "node:path";
import { type LogKey, logKeyOf } from "../../governance/audit/ed25519.ts";
import { fromBase64Url, toBase64Url } from "../../kernel/base64url.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { tampered } from "./audit-segments.ts";
import { readPrivateFile, writePrivateFile } from "./private-files.ts";

const maxKeyBytes = 256;
const seedBytes = 32;

function placeOf(places: AuditPlaces): string {
  return join(places.folder, "witness.key");
}

/**
 * The key that witnesses know the log by. Epochs change daily, what a witness was told does not: this
 * key signs what is submitted, besides the epoch's, and vouches for nothing else. Undefined before
 * one was made; throws AUTOSD-AUDIT-TAMPERED for a file that is none.
 */
export async function readWitnessKey(places: AuditPlaces): Promise<LogKey | undefined> {
  const limits = { maxBytes: maxKeyBytes, secrecy: "secret" } as const;
  const bytes = await readPrivateFile(placeOf(places), limits);
  if (bytes === undefined) return undefined;
  const seed = fromBase64Url(Buffer.from(bytes).toString("utf8").replace(/\n$/, ""));
  if (seed?.length !== seedBytes) throw tampered("audit/witness.key is damaged");
  return logKeyOf(seed);
}

/** The same; made when there is none. */
export async function ensureWitnessKey(places: AuditPlaces, entropy: Entropy): Promise<LogKey> {
  const seed = entropy.bytes(seedBytes);
  const text = Buffer.from(`${toBase64Url(seed)}\n`, "utf8");
  const known = await readWitnessKey(places);
  if (known !== undefined) return known;
  // Two at once: the first file stays, and is what both read.
  if (await writePrivateFile(placeOf(places), text, { replace: false })) return logKeyOf(seed);
  const other = await readWitnessKey(places);
  if (other === undefined) throw tampered("audit/witness.key was removed meanwhile");
  return other;
}
