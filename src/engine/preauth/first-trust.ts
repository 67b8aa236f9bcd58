import { GovernanceError } from "../../governance/errors.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { trustedKeyOf } from "../../governance/keys/trust-list.ts";
import { type TrustList, trustListSchema } from "../../governance/keys/trust.ts";

/** A list of one operator's key. Throws AUTOSD-PREAUTH-INPUT for a name that no operator can have. */
export function firstTrust(
  signer: Signer,
  operator: string,
  log: Pick<TrustList, "origin" | "genesis">,
): TrustList {
  const key = trustedKeyOf(signer, operator, ["operator"], null);
  const parsed = trustListSchema.safeParse({ v: 1, ...log, version: 1, keys: [key] });
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    where === "keys.0.operator"
      ? `${JSON.stringify(operator)} is not a name of an operator: letters, digits and . _ @ + - only.`
      : `The trust list would not be valid: ${where}.`,
    { remedy: "autosd preauth init-keys --operator owner" },
  );
}
