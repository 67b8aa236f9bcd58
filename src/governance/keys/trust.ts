import { z } from "zod";

/** Seconds since the Unix epoch, as every time in keys and grants. */
export const epochSecondsSchema = z.number().int().nonnegative().max(253_402_300_799);

/** RFC 7638 thumbprint: base64url of 32 bytes. */
export const kidSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const publicJwkSchema = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

export const roles = ["operator", "agent"] as const;

/** A key that grants may be signed with. Two keys of one operator are one person. */
export const trustedKeySchema = z.strictObject({
  kid: kidSchema,
  jwk: publicJwkSchema,
  operator: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/),
  roles: z.array(z.enum(roles)).min(1),
  protection: z.enum(["passphrase", "ssh-agent", "unprotected"]),
  /** The key verifies nothing that was issued after this time; null: no end. */
  notAfter: epochSecondsSchema.nullable(),
  /** Size of the audit log when the key was retired: it vouches for entries below only. Null: in use. */
  lastValidSeq: z.number().int().nonnegative().nullable(),
});
export type TrustedKey = z.infer<typeof trustedKeySchema>;

export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** What an operator of the list before signed for the next one; see `handoverProblem`. */
export const handoverSchema = z.strictObject({
  /** Digest of the list before. */
  from: digestSchema,
  kid: kidSchema,
  /** The public key, which `kid` is the thumbprint of: the list may no longer have it. */
  x: publicJwkSchema.shape.x,
  /** Base64url. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});

/** Payload of `preauth/trust.json`, which is JWS-signed by an operator of the list itself. */
export const trustListSchema = z.strictObject({
  v: z.literal(1),
  /** Origin of the audit log that this trust belongs to. */
  origin: z.string().regex(/^[a-z0-9][a-z0-9./-]{0,127}$/),
  /** C2SP signed note verifier key of the log's first epoch. */
  genesis: z.string(),
  /** Raised by one with each change. */
  version: z.number().int().positive(),
  keys: z.array(trustedKeySchema).min(1).max(1_000),
  /** Versions that replaced one whose keys were lost: nobody of the list before signed them. */
  recoveries: z
    .array(z.strictObject({ version: z.number().int().positive(), at: epochSecondsSchema }))
    .min(1)
    .max(100)
    .optional(),
  /** Not part of the list's digest. Absent: the first list, or one after keys were lost. */
  handover: handoverSchema.optional(),
});
export type TrustList = z.infer<typeof trustListSchema>;
