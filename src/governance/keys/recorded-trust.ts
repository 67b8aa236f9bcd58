import { z } from "zod";
import { fromBase64Url, toBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { GovernanceError } from "../errors.ts";
import { kidOf, verifySignature } from "./public-key.ts";
import type { PublicJwk, Signer } from "./signer.port.ts";
import {
  digestSchema,
  epochSecondsSchema,
  handoverSchema,
  kidSchema,
  type TrustedKey,
  type TrustList,
} from "./trust.ts";
import { isActiveOperator, type OpenedTrust, trustDigest } from "./trust-list.ts";

/** What the audit log says about the trust list each time that it changes. */
export const recordedTrustSchema = z.strictObject({
  version: z.number().int().positive(),
  /** Digest of the list. */
  digest: digestSchema,
  /** Kids that may sign the next version. */
  operators: z.array(kidSchema).min(1).max(1_000),
  /** Of those that end at some time: when. */
  ends: z
    .array(z.strictObject({ kid: kidSchema, notAfter: epochSecondsSchema }))
    .min(1)
    .max(1_000)
    .optional(),
  /** Absent: the first list, or one after keys were lost. */
  handover: handoverSchema.optional(),
});
export type RecordedTrust = z.infer<typeof recordedTrustSchema>;

/** A version that no operator of the list before signed, and the time of its entry. */
export const recoverySchema = z.strictObject({
  version: z.number().int().positive(),
  at: epochSecondsSchema,
});
export type Recovery = z.infer<typeof recoverySchema>;

/** Of a list, or of a log: the newest. */
export const maxRecoveries = 100;

/** The newest record of the log, and which versions before it nobody handed over. */
export interface TrustOnRecord extends RecordedTrust {
  /** Oldest first; what the log says, whatever the list says of itself. */
  readonly recoveries: readonly Recovery[];
}

/** What to record of a list. */
export function recordOf({ trust, digest }: Pick<OpenedTrust, "trust" | "digest">): RecordedTrust {
  const operators = trust.keys.filter(isActiveOperator);
  const ends = operators.flatMap(endOf);
  return {
    version: trust.version,
    digest,
    operators: operators.map((key) => key.kid),
    ...(ends.length === 0 ? {} : { ends }),
    ...(trust.handover === undefined ? {} : { handover: trust.handover }),
  };
}

function endOf({ kid, notAfter }: TrustedKey): { kid: string; notAfter: number }[] {
  return notAfter === null ? [] : [{ kid, notAfter }];
}

/**
 * The list with the word of an operator of the one before, whose digest is `from`. Throws
 * AUTOSD-PREAUTH-KEYS when the key cannot be used.
 */
export async function handOver(trust: TrustList, signer: Signer, from: string): Promise<TrustList> {
  const record = recordOf({ trust, digest: trustDigest(trust) });
  const signature = toBase64Url(await signer.sign(handoverBytes(record, from)));
  const { kid, jwk } = signer;
  return { ...trust, handover: { from, kid, x: jwk.x, signature } };
}

/**
 * Why `next` is not the list that an operator of `previous` handed over to, as one clause; undefined
 * when it is. `atS`: when it was, as the log says; without it the ends of keys are not asked about.
 */
export function handoverProblem(
  previous: RecordedTrust,
  next: RecordedTrust,
  atS?: number,
): string | undefined {
  const { handover } = next;
  if (handover === undefined) return "no operator of the list before signed it";
  const { from, kid, x, signature } = handover;
  if (next.version !== previous.version + 1 || from !== previous.digest)
    return `it does not follow version ${previous.version}`;
  const jwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x };
  if (!previous.operators.includes(kid) || kidOf(jwk) !== kid)
    return `${kid} is no operator's key of the list before`;
  const end = previous.ends?.find((one) => one.kid === kid)?.notAfter;
  if (atS !== undefined && end !== undefined && atS > end)
    return `the key ${kid} had ended before it`;
  const bytes = fromBase64Url(signature);
  return bytes !== undefined && verifySignature(jwk, handoverBytes(next, from), bytes)
    ? undefined
    : `the signature is not the one of ${kid}`;
}

/** The schema keeps the signature from being one of anything else. */
function handoverBytes({ version, digest, operators, ends }: RecordedTrust, from: string) {
  const record = { version, digest, operators, ...(ends === undefined ? {} : { ends }) };
  const statement = { schema: "autosd/trust-handover@1", from, ...record };
  return new TextEncoder().encode(canonicalJson(statement));
}

/** What an entry about the trust list comes to. */
export type Succession =
  | { readonly kind: "first" | "handed-over" | "recovered" }
  /** It changes nothing. */
  | { readonly kind: "refused"; readonly problem: string };

/**
 * What an entry that records `next` makes of the log's record. A list that no operator of the one
 * before handed over is a recovery, and counts only when the entry says that it is one. `previous`:
 * null when the entry before did not say which list it was about.
 */
export function successionOf(
  previous: RecordedTrust | null | undefined,
  next: RecordedTrust,
  entry: { readonly action?: string | undefined; readonly atS: number },
): Succession {
  if (previous === undefined) return { kind: "first" };
  if (entry.action === recoverAction) return { kind: "recovered" };
  const problem =
    previous === null
      ? "the entry before it does not say which list it was about"
      : handoverProblem(previous, next, entry.atS);
  return problem === undefined ? { kind: "handed-over" } : { kind: "refused", problem };
}

/** What the entry of a list that nobody handed over is called. */
export const recoverAction = "recover";

/** The list, and every recovery that the log knows of, though the list may not tell. */
export function withRecordedRecoveries(
  trust: TrustList,
  recorded: Pick<TrustOnRecord, "recoveries"> | undefined,
): TrustList {
  const told = trust.recoveries ?? [];
  const untold = (recorded?.recoveries ?? []).filter(
    ({ version }) => !told.some((one) => one.version === version),
  );
  if (untold.length === 0) return trust;
  const recoveries = [...told, ...untold].sort((one, other) => one.version - other.version);
  return { ...trust, recoveries };
}

/**
 * Throws AUTOSD-PREAUTH-STORE unless the list is the one that was recorded last, or its successor,
 * handed over by one of its operators, whose record a crash prevented. So an older list, or one that
 * somebody signed with a key of his own, is not believed.
 */
export function refuseUnrecordedTrust(
  opened: OpenedTrust,
  recorded: RecordedTrust | undefined,
): void {
  const { trust, digest } = opened;
  if (recorded === undefined) {
    if (trust.version === 1) return;
    throw foreign(`version ${trust.version} is there, and the audit log records none`);
  }
  if (digest === recorded.digest) return;
  if (handoverProblem(recorded, recordOf(opened)) === undefined) return;
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
