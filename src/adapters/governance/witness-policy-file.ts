import { join } from "node:path";
import { maxWitnessPolicyBytes } from "../../governance/audit/witness-policy.ts";
import { readPrivateFile } from "./private-files.ts";

/** `audit/witness-policy` in autosd's home: who has to cosign the log. */
export function witnessPolicyPath(home: string): string {
  return join(home, "audit", "witness-policy");
}

/** Undefined when there is none. Throws AUTOSD-PREAUTH-STORE for one that is not safely this user's. */
export async function readWitnessPolicy(home: string): Promise<Uint8Array | undefined> {
  const limits = { maxBytes: maxWitnessPolicyBytes, secrecy: "public" } as const;
  return readPrivateFile(witnessPolicyPath(home), limits);
}
