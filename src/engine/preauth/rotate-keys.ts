import { parseSignerChoice } from "../../governance/keys/signer-choice.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { keyOf, withReplacedKey } from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { changeTrust, currentTrust, trustSigner } from "./change-trust.ts";
import type { KeyCalls, KeysRotated } from "./key-calls.ts";
import type { KeyServices } from "./key-services.ts";

/**
 * Puts a new key in the place of one of this machine. Both sign the list: the old one to hand over,
 * the new one to show that it can. The old private key is removed: it has nothing left to sign.
 */
export async function rotateKeys(
  services: KeyServices,
  input: Parameters<KeyCalls["rotate"]>[0],
): Promise<KeysRotated> {
  const { keyring } = services;
  const choice = parseSignerChoice(input.signer);
  const seen = await currentTrust(services);
  const { signer: old, operator } = await trustSigner(
    services,
    seen.trust,
    input.kid === undefined ? {} : { kid: input.kid },
  );
  const made = input.signer === undefined ? await keyring.create() : await keyring.signer(choice);
  let trust: TrustList;
  try {
    trust = await changeTrust(services, seen, {
      name: "rotate",
      operator,
      signers: [old, made],
      apply: (current, size) => withReplacedKey(current, old.kid, made, size),
      entries: () => [
        {
          kind: "key.rotate",
          actor: { type: "operator", id: operator },
          details: { retired: old.kid, kid: made.kid, protection: made.protection, operator },
        },
      ],
    });
  } catch (error) {
    if (input.signer === undefined) await discardUnlessTrusted(services, made);
    throw error;
  }
  if (old.protection !== "ssh-agent") await keyring.discard(old.kid);
  return {
    kid: made.kid,
    operator,
    protection: made.protection,
    retired: old.kid,
    lastValidSeq: keyOf(trust, old.kid).lastValidSeq ?? 0,
    trustVersion: trust.version,
  };
}

/** The list may have been saved before something failed; then it needs the key. */
async function discardUnlessTrusted({ keyring }: KeyServices, made: Signer): Promise<void> {
  const saved = await keyring.trustFile();
  if (saved?.trust.keys.some((key) => key.kid === made.kid) !== true)
    await keyring.discard(made.kid);
}
