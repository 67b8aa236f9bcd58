import type { EntryDraft } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { SignerChoice } from "../../governance/keys/keyring.port.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { handOver, refuseUnrecordedTrust } from "../../governance/keys/recorded-trust.ts";
import {
  isActiveOperator,
  type OpenedTrust,
  sealTrust,
  trustDigest,
} from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import type { KeyServices } from "./key-services.ts";
import { recordedTrust, trustEntry } from "./trust-record.ts";

/** A change of the trust list, by one of its operators. */
export interface TrustChange {
  /** What it is called in the log: `add`, `remove`, `rotate`. */
  readonly name: string;
  readonly operator: string;
  /** All of them sign the changed list. The first is of the list before, and hands over. */
  readonly signers: readonly [Signer, ...Signer[]];
  /** Pure. `size`: entries of the log when it changes. */
  readonly apply: (trust: TrustList, size: number) => TrustList;
  /** Entries besides the one about the list. */
  readonly entries: (changed: TrustList) => readonly EntryDraft[];
}

/** The trust list in use. Throws AUTOSD-PREAUTH-KEYS when there is none yet. */
export async function currentTrust({ keyring, log }: KeyServices): Promise<OpenedTrust> {
  const opened = await keyring.trustFile();
  if (opened === undefined)
    throw new GovernanceError("AUTOSD-PREAUTH-KEYS", "There are no signing keys yet.");
  refuseUnrecordedTrust(opened, await recordedTrust(await log()));
  return opened;
}

/**
 * The chosen key, which may sign changes of the list, and whose it is. Throws AUTOSD-PREAUTH-KEYS
 * when it may not.
 */
export async function trustSigner(
  { keyring, clock }: KeyServices,
  trust: TrustList,
  choice: SignerChoice,
): Promise<{ readonly signer: Signer; readonly operator: string }> {
  const signer = await keyring.signer(choice);
  const key = trust.keys.find((one) => one.kid === signer.kid);
  const nowS = Math.floor(clock.now() / 1_000);
  if (key !== undefined && isActiveOperator(key) && (key.notAfter === null || nowS <= key.notAfter))
    return { signer, operator: key.operator };
  throw new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    `Key ${signer.kid} is no operator's key that is trusted and in use.`,
    { remedy: "autosd preauth trust list" },
  );
}

/**
 * Changes the list while nobody else can, and records it. It is signed before the log is locked,
 * since a person may have to answer: what a key signs between its last signature and the entry that
 * retires it counts for nothing. The file comes first: a list that a crash kept out of the log is the
 * successor of the recorded one, and is recorded with the next change.
 */
export async function changeTrust(
  services: KeyServices,
  seen: OpenedTrust,
  change: TrustChange,
): Promise<TrustList> {
  const { keyring } = services;
  const log = await services.log();
  const changed = change.apply(seen.trust, (await log.facts()).size);
  const trust = await handOver(changed, change.signers[0], seen.digest);
  const sealed = await sealTrust(trust, change.signers);
  const { value } = await log.transact(async (facts) => {
    const now = await keyring.trustFile();
    if (now?.digest !== seen.digest) throw changedMeanwhile();
    const recorded = facts.recordedTrust();
    refuseUnrecordedTrust(seen, recorded);
    await keyring.saveTrust(sealed, { first: false });
    const missing = recorded?.digest === seen.digest ? [] : [recoveredEntry(seen)];
    const opened = { trust, digest: trustDigest(trust) };
    const append = [
      ...missing,
      ...change.entries(trust),
      trustEntry(change.operator, opened, change.name),
    ];
    return { append, value: trust };
  });
  return value;
}

/** Of a list that a crash kept out of the log. */
function recoveredEntry(seen: OpenedTrust): EntryDraft {
  return trustEntry(seen.signers[0]?.operator ?? "", seen, "recovered");
}

function changedMeanwhile(): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    "Another process changed the trust list meanwhile; nothing was changed here.",
    { remedy: "autosd preauth trust list, then run the command again" },
  );
}
