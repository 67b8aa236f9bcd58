import { GovernanceError } from "../../governance/errors.ts";
import {
  maxPublicKeyFileBytes,
  parsePublicKeyFile,
} from "../../governance/keys/public-key-file.ts";
import { withRecordedRecoveries } from "../../governance/keys/recorded-trust.ts";
import { parseSignerChoice } from "../../governance/keys/signer-choice.ts";
import { keyOf, withKey, withoutKey } from "../../governance/keys/trust-list.ts";
import { type TrustedKey, trustedKeySchema } from "../../governance/keys/trust.ts";
import { changeTrust, currentTrust, trustSigner } from "./change-trust.ts";
import type { KeyCalls, TrustChanged, TrustShown } from "./key-calls.ts";
import type { KeyServices } from "./key-services.ts";
import { recordedTrust } from "./trust-record.ts";

const secondsPerDay = 86_400;

/** The trust list with what of it this machine can sign for. */
export async function showTrust(services: KeyServices): Promise<TrustShown> {
  const opened = await currentTrust(services);
  const trust = withRecordedRecoveries(opened.trust, await recordedTrust(await services.log()));
  const held = new Set(await services.keyring.held());
  const { version, origin, genesis, recoveries = [] } = trust;
  const keys = trust.keys.map((key) => ({ ...key, held: held.has(key.kid) }));
  return { version, origin, genesis, keys, recoveries };
}

/** Puts a public key from a file into the list. */
export async function addTrust(
  services: KeyServices,
  input: Parameters<KeyCalls["trustAdd"]>[0],
): Promise<TrustChanged> {
  const choice = parseSignerChoice(input.signer);
  const seen = await currentTrust(services);
  const key = await readKey(services, input);
  // Before anybody is asked for a passphrase.
  withKey(seen.trust, key);
  const { signer, operator } = await trustSigner(services, seen.trust, choice);
  const trust = await changeTrust(services, seen, {
    name: "add",
    operator,
    signers: [signer],
    apply: (current) => withKey(current, key),
    entries: () => [],
  });
  return { version: trust.version, key };
}

/** Takes a key out of the list; the last operator stays. */
export async function removeTrust(
  services: KeyServices,
  input: Parameters<KeyCalls["trustRemove"]>[0],
): Promise<TrustChanged> {
  const choice = parseSignerChoice(input.signer);
  const seen = await currentTrust(services);
  const key = keyOf(seen.trust, input.kid);
  withoutKey(seen.trust, input.kid);
  const { signer, operator } = await trustSigner(services, seen.trust, choice);
  if (signer.kid === input.kid)
    throw new GovernanceError(
      "AUTOSD-PREAUTH-INPUT",
      `${input.kid} cannot sign for its own removal: another operator's key must.`,
      { remedy: `autosd preauth rotate-keys --kid ${input.kid}` },
    );
  const trust = await changeTrust(services, seen, {
    name: "remove",
    operator,
    signers: [signer],
    apply: (current) => withoutKey(current, input.kid),
    entries: () => [],
  });
  return { version: trust.version, key };
}

async function readKey(
  { files, clock }: KeyServices,
  input: Parameters<KeyCalls["trustAdd"]>[0],
): Promise<TrustedKey> {
  const file = parsePublicKeyFile(await files.read(input.file, maxPublicKeyFileBytes));
  if (file.kind === "refused")
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", `${input.file}: ${file.message}.`, {
      remedy: "autosd preauth trust add --help",
    });
  const { kid, jwk, protection } = file;
  const days = input.expiresInDays;
  const parsed = trustedKeySchema.safeParse({
    kid,
    jwk,
    protection,
    operator: input.operator,
    roles: [input.role],
    notAfter: days === undefined ? null : Math.floor(clock.now() / 1_000) + days * secondsPerDay,
    lastValidSeq: null,
  });
  if (parsed.success) return parsed.data;
  throw new GovernanceError(
    "AUTOSD-PREAUTH-INPUT",
    `${JSON.stringify(input.operator)} is not a name of an operator: letters, digits and . _ @ + - only.`,
    { remedy: "autosd preauth trust add --help" },
  );
}
