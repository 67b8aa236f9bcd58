import { z } from "zod";
import { GovernanceError } from "../errors.ts";
import { kidSchema } from "./trust.ts";
import { isActiveOperator, type OpenedTrust } from "./trust-list.ts";

/** What the audit log says about the trust list each time that it changes. */
export const recordedTrustSchema = z.strictObject({
  version: z.number().int().positive(),
  /** `sha256:` of the list's payload. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** Kids that may sign the next version. */
  operators: z.array(kidSchema).min(1).max(1_000),
});
export type RecordedTrust = z.infer<typeof recordedTrustSchema>;

/** What to record of a list. */
export function recordOf(opened: Pick<OpenedTrust, "trust" | "digest">): RecordedTrust {
  const { trust, digest } = opened;
  const operators = trust.keys.filter(isActiveOperator).map((key) => key.kid);
  return { version: trust.version, digest, operators };
}

/**
 * Throws AUTOSD-PREAUTH-STORE unless the list is the one that was recorded last, or its successor,
 * signed by one of its operators, whose record a crash prevented. So an older list, or one that
 * somebody signed with a key of his own, is not believed.
 */
export function refuseUnrecordedTrust(
  opened: OpenedTrust,
  recorded: RecordedTrust | undefined,
): void {
  const { trust, digest, signers } = opened;
  if (recorded === undefined) {
    if (trust.version === 1) return;
    throw foreign(`version ${trust.version} is there, and the audit log records none`);
  }
  if (digest === recorded.digest) return;
  const isSuccessor =
    trust.version === recorded.version + 1 &&
    signers.some((key) => recorded.operators.includes(key.kid));
  if (isSuccessor) return;
  throw foreign(
    `version ${trust.version} is there, and the audit log records version ${recorded.version} of another content`,
  );
}

function foreign(finding: string): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-STORE",
    `The trust list is not the one that was signed last: ${finding}.`,
    { remedy: "Restore preauth/trust.json from a copy, then run: autosd preauth trust list" },
  );
}
