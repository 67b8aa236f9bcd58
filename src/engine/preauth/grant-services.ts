import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { DelegationKeys } from "../../governance/grants/delegation-keys.port.ts";
import type { GrantStore } from "../../governance/grants/grant-store.port.ts";
import type { HandedFiles } from "../../governance/grants/handed-files.port.ts";
import type { Keyring } from "../../governance/keys/keyring.port.ts";
import { parseSignerChoice } from "../../governance/keys/signer-choice.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { isActiveOperator } from "../../governance/keys/trust-list.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Log } from "../../kernel/log.ts";

/** What the calls about grants are made of. */
export interface GrantServices {
  readonly store: GrantStore;
  /** Opened when it is first needed: listing must not wait for it, revoking must work without it. */
  readonly audit: () => Promise<AuditLog>;
  readonly keyring: () => Promise<Keyring>;
  readonly delegationKeys: DelegationKeys;
  readonly files: HandedFiles;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: () => Promise<Log>;
  /** Who calls: the user of this process. */
  readonly operator: string;
}

/** An operator of the trust list, ready to sign. */
export interface SigningOperator {
  readonly signer: Signer;
  readonly operator: string;
  readonly trust: TrustList;
}

/** The trust list in use. Throws AUTOSD-PREAUTH-KEYS when there is none. */
export async function trustInUse({ keyring }: Pick<GrantServices, "keyring">): Promise<TrustList> {
  const trust = await (await keyring()).trust();
  if (trust !== undefined) return trust;
  throw new GovernanceError("AUTOSD-PREAUTH-KEYS", "There are no signing keys yet.", {
    remedy: "autosd preauth init-keys",
  });
}

/**
 * The chosen key, when it is an operator's that is trusted and in use. Throws AUTOSD-PREAUTH-KEYS
 * otherwise, AUTOSD-PREAUTH-INPUT when `choice` names no key.
 */
export async function signingOperator(
  services: Pick<GrantServices, "keyring" | "clock">,
  choice: string | undefined,
): Promise<SigningOperator> {
  const wanted = parseSignerChoice(choice);
  const trust = await trustInUse(services);
  const signer = await (await services.keyring()).signer(wanted);
  const key = trust.keys.find((one) => one.kid === signer.kid);
  const nowS = services.clock.now() / 1_000;
  if (key !== undefined && isActiveOperator(key) && (key.notAfter === null || nowS < key.notAfter))
    return { signer, operator: key.operator, trust };
  throw new GovernanceError(
    "AUTOSD-PREAUTH-KEYS",
    `Key ${signer.kid} is no operator's key that is trusted and in use.`,
    { remedy: "autosd preauth trust list" },
  );
}
