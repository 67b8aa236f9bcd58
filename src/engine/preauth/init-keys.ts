import type { EntryDraft } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { parseSignerChoice } from "../../governance/keys/signer-choice.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { sealTrust, trustDigest } from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { firstTrust } from "./first-trust.ts";
import type { KeyCalls, KeysMade } from "./key-calls.ts";
import type { GenesisLog, KeyServices } from "./key-services.ts";
import { recordedTrust, trustEntry } from "./trust-record.ts";

/**
 * The first key, the trust list that names it, and the log that records both. Throws
 * AUTOSD-PREAUTH-KEYS, changing nothing, when there is a trust list already.
 */
export async function initKeys(
  services: KeyServices,
  input: Parameters<KeyCalls["init"]>[0],
): Promise<KeysMade> {
  const { keyring } = services;
  const choice = parseSignerChoice(input.signer);
  if ((await keyring.trustFile()) !== undefined) throw alreadyThere();
  const log = await services.log();
  await refuseLostTrust(log);
  const { origin, vkey } = await log.ensureGenesis();
  const signer = input.signer === undefined ? await keyring.create() : await keyring.signer(choice);
  try {
    const trust = firstTrust(signer, input.operator, { origin, genesis: vkey });
    const bytes = await sealTrust(trust, [signer]);
    const { value: saved } = await log.transact(async () => {
      const isFirst = await keyring.saveTrust(bytes, { first: true });
      return { append: isFirst ? entriesOf(signer, input.operator, trust) : [], value: isFirst };
    });
    if (!saved) throw alreadyThere();
    const { kid, protection } = signer;
    return { kid, operator: input.operator, protection, origin, genesis: vkey, trustVersion: 1 };
  } catch (error) {
    if (input.signer === undefined) await discardUnlessTrusted(services, signer.kid);
    throw error;
  }
}

function entriesOf(signer: Signer, operator: string, trust: TrustList): readonly EntryDraft[] {
  const { kid, protection } = signer;
  const opened = { trust, digest: trustDigest(trust) };
  return [
    {
      kind: "key.init",
      actor: { type: "operator", id: operator },
      details: { kid, protection, operator },
    },
    trustEntry(operator, opened, "init"),
  ];
}

/** A log that knows a trust list which is gone: making a new one would hide that. */
async function refuseLostTrust(log: GenesisLog): Promise<void> {
  const recorded = await recordedTrust(log);
  if (recorded === undefined) return;
  throw new GovernanceError(
    "AUTOSD-PREAUTH-STORE",
    `The audit log records version ${recorded.version} of a trust list, and there is no trust list.`,
    {
      remedy:
        "Restore preauth/trust.json from a copy; when its keys are lost too: autosd preauth init-keys --replace-lost",
    },
  );
}

async function discardUnlessTrusted({ keyring }: KeyServices, kid: string): Promise<void> {
  const saved = await keyring.trustFile();
  if (saved?.trust.keys.some((key) => key.kid === kid) !== true) await keyring.discard(kid);
}

function alreadyThere(): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    "There are signing keys and a trust list already; nothing was changed.",
    { remedy: "autosd preauth rotate-keys" },
  );
}
