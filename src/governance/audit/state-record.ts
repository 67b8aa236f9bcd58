import { z } from "zod";
import { maxRecoveries, recordedTrustSchema, recoverySchema } from "../keys/recorded-trust.ts";

/**
 * How long a grant is remembered after its end: a use of it is then still refused as expired, and
 * not as unknown.
 */
export const expiredGrantKeptMs = 30 * 24 * 3_600_000;

const count = z.number().int().nonnegative();
const claims = z.array(z.strictObject({ seq: count, details: z.unknown() }));
const reservation = {
  seq: count,
  idem: z.string(),
  chain: z.array(z.string()),
  /** Millionths of a US dollar that were reserved. */
  cost: count,
  reservedAtMs: count,
};

/** What the log adds up to, as data. */
export const stateRecordSchema = z.strictObject({
  grants: z.array(
    z.strictObject({
      jti: z.string(),
      issuedAt: count.nullable(),
      /** Keys that signed, with the entry that first said so. */
      signers: z.array(z.strictObject({ kid: z.string(), seq: count })),
      /** Epoch seconds; null: nobody said. */
      exp: count.nullable(),
      uses: count,
      spendMicrousd: z.number().int(),
      lastReservedAtMs: count.nullable(),
    }),
  ),
  revoked: z.array(z.strictObject({ jti: z.string(), seq: count })),
  open: z.array(z.strictObject(reservation)),
  closed: z.array(
    z.strictObject({
      ...reservation,
      state: z.literal("settled"),
      result: z.unknown(),
    }),
  ),
  /** Entries that give open reservations back, by the reservation's entry. */
  releases: z.array(z.strictObject({ key: count, claims })),
  /** Entries that take revocations back, by the grant. */
  reinstatements: z.array(z.strictObject({ key: z.string(), claims })),
  /** The newest entry about the trust list; `recorded` is null when it does not say which. */
  trust: z
    .strictObject({
      seq: count,
      recorded: recordedTrustSchema.nullable(),
      recoveries: z.array(recoverySchema).max(maxRecoveries),
    })
    .nullable(),
  halts: z.array(
    z.strictObject({
      project: z.string(),
      seq: count,
      reason: z.string(),
      lifts: claims,
    }),
  ),
  /** Policy that a project was decided on by last. */
  policies: z.array(z.strictObject({ project: z.string(), seq: count, digest: z.string() })),
  gates: z.array(
    z.strictObject({
      commit: z.string(),
      gates: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), evidence: z.string() })),
    }),
  ),
});
export type StateRecord = z.infer<typeof stateRecordSchema>;
