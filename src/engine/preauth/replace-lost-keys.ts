import type { EntryDraft } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import {
  maxRecoveries,
  recoverAction,
  type RecordedTrust,
  withRecordedRecoveries,
} from "../../governance/keys/recorded-trust.ts";
import { parseSignerChoice } from "../../governance/keys/signer-choice.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { isActiveOperator, sealTrust, trustDigest } from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { firstTrust } from "./first-trust.ts";
import type { KeyCalls, KeysReplaced } from "./key-calls.ts";
import type { KeyServices } from "./key-services.ts";
import { trustEntry } from "./trust-record.ts";

/**
 * Puts a new key in the place of all others when nobody can sign any more. The log goes on and keeps
 * for ever that the new list has no signature of the old one; whatever the lost keys signed counts
 * for nothing: grants, halts lifted, reservations and grants given back. Throws AUTOSD-PREAUTH-KEYS
 * while somebody can still sign: another operator, or a key here that nothing protects.
 */
export async function replaceLostKeys(
  services: KeyServices,
  input: Parameters<KeyCalls["replaceLost"]>[0],
): Promise<KeysReplaced> {
  const { keyring, clock } = services;
  const choice = parseSignerChoice(input.signer);
  const log = await services.log();
  const recorded = (await log.facts()).recordedTrust();
  if (recorded === undefined) throw nothingLost();
  const { origin, vkey: genesis } = await log.ensureGenesis();
  const before = await listBefore(services, recorded);
  if (before !== undefined) await refuseSignable(services, before);
  const signer = input.signer === undefined ? await keyring.create() : await keyring.signer(choice);
  try {
    const version = recorded.version + 1;
    const at = Math.floor(clock.now() / 1_000);
    const first = firstTrust(signer, input.operator, { origin, genesis });
    const { recoveries = [] } = withRecordedRecoveries(before ?? first, recorded);
    const trust = {
      ...first,
      version,
      recoveries: [...recoveries, { version, at }].slice(-maxRecoveries),
    };
    const sealed = await sealTrust(trust, [signer]);
    await log.transact(async (facts) => {
      if (facts.recordedTrust()?.digest !== recorded.digest) throw changedMeanwhile();
      await keyring.saveTrust(sealed, { first: false });
      return { append: entriesOf(signer, trust, recorded), value: undefined };
    });
    const { kid, protection } = signer;
    const made = { kid, operator: input.operator, protection, origin, genesis };
    return { ...made, trustVersion: version, lost: recorded.operators };
  } catch (error) {
    if (input.signer === undefined) await discardUnlessTrusted(services, signer.kid);
    throw error;
  }
}

/** The list that is replaced; undefined when it is gone or damaged, which is one way to lose a key. */
async function listBefore(
  { keyring }: KeyServices,
  recorded: RecordedTrust,
): Promise<TrustList | undefined> {
  try {
    const opened = await keyring.trustFile();
    return opened?.digest === recorded.digest ? opened.trust : undefined;
  } catch (error) {
    if (error instanceof GovernanceError) return undefined;
    throw error;
  }
}

async function refuseSignable({ keyring, clock }: KeyServices, trust: TrustList): Promise<void> {
  const nowS = clock.now() / 1_000;
  const active = trust.keys.filter(
    (key) => isActiveOperator(key) && (key.notAfter === null || nowS <= key.notAfter),
  );
  const operators = [...new Set(active.map((key) => key.operator))];
  if (operators.length > 1)
    throw stillSignable(
      `${operators.join(" and ")} can each sign: let another operator's key add yours.`,
      "autosd preauth trust add --help",
    );
  const held = await keyring.held();
  const open = active.find((key) => key.protection === "unprotected" && held.includes(key.kid));
  if (open !== undefined)
    throw stillSignable(
      `The key ${open.kid} is here and nothing protects it: it can sign.`,
      "autosd preauth rotate-keys",
    );
}

function entriesOf(
  signer: Signer,
  trust: TrustList,
  { operators: lost }: RecordedTrust,
): readonly EntryDraft[] {
  const operator = trust.keys[0]?.operator ?? "";
  const { kid, protection } = signer;
  return [
    {
      kind: "key.rotate",
      actor: { type: "operator", id: operator },
      action: recoverAction,
      reason: "The keys were lost; nobody signed for the new one.",
      details: { lost: [...lost], kid, protection, operator },
    },
    trustEntry(operator, { trust, digest: trustDigest(trust) }, recoverAction),
  ];
}

async function discardUnlessTrusted({ keyring }: KeyServices, kid: string): Promise<void> {
  const saved = await keyring.trustFile().catch(() => undefined);
  if (saved?.trust.keys.some((key) => key.kid === kid) !== true) await keyring.discard(kid);
}

function nothingLost(): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    "The audit log records no keys that could be lost.",
    { remedy: "autosd preauth init-keys" },
  );
}

function stillSignable(message: string, remedy: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-KEYS", message, { remedy });
}

function changedMeanwhile(): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    "Another process changed the trust list meanwhile; nothing was changed here.",
    { remedy: "autosd preauth trust list" },
  );
}
