import { parseWitnessPolicy } from "../../governance/audit/witness-policy.ts";
import type { WitnessPolicy } from "../../governance/audit/witness-quorum.ts";
import { GovernanceError } from "../../governance/errors.ts";

/** Where a witness policy is, and its bytes; undefined when there is none. */
export interface WitnessPolicyFile {
  readonly path: string;
  readonly read: () => Promise<Uint8Array | undefined>;
}

/** Undefined when there is none. Throws AUTOSD-AUDIT-WITNESSES, with the line, for one that is not valid. */
export async function openWitnessPolicy(
  file: WitnessPolicyFile,
): Promise<WitnessPolicy | undefined> {
  const bytes = await file.read();
  if (bytes === undefined) return undefined;
  const parsed = parseWitnessPolicy(bytes);
  if (parsed.kind === "policy") return parsed.policy;
  throw new GovernanceError(
    "AUTOSD-AUDIT-WITNESSES",
    `${file.path} line ${parsed.line}: ${parsed.message}.`,
    { details: { path: file.path, line: parsed.line } },
  );
}

/** The same, where one is needed. */
export async function requireWitnessPolicy(file: WitnessPolicyFile): Promise<WitnessPolicy> {
  const policy = await openWitnessPolicy(file);
  if (policy !== undefined) return policy;
  throw new GovernanceError("AUTOSD-AUDIT-WITNESSES", `There is no witness policy, ${file.path}.`, {
    details: { path: file.path },
  });
}
