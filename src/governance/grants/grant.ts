import { z } from "zod";
import { epochSecondsSchema, publicJwkSchema } from "../keys/trust.ts";
import { environments, privilegedActions, scopeName } from "./action.ts";
import { grantIdPattern } from "./grant-limits.ts";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commitId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const unique = (items: readonly string[]): boolean => new Set(items).size === items.length;

const gateNames = z
  .array(z.string().regex(/^[a-z][a-z0-9:_-]{0,63}$/))
  .max(32)
  .refine(unique);

/** One rectangle of rights: every listed action on every listed place, and nothing across entries. */
export const grantEntrySchema = z.strictObject({
  type: z.literal("autosd/privileged"),
  actions: z.array(z.enum(privilegedActions)).min(1).refine(unique),
  /** Project ids; `*` stands alone and is never implied. */
  locations: z.array(z.string().regex(scopeName)).min(1).max(256).refine(unique),
  /** Empty: only actions that have no environment. */
  environments: z.array(z.enum(environments)).refine(unique),
  /** `*`: any target. Empty: only actions that have no target. */
  targets: z.array(z.string().regex(scopeName)).max(64).refine(unique),
});
export type GrantEntry = z.infer<typeof grantEntrySchema>;

export const grantBudgetSchema = z.strictObject({
  /** How many actions may be reserved in all. */
  uses: count.min(1).max(1_000_000),
  /** Millionths of a US dollar, in all; 0: nothing that costs money. */
  spend_microusd: count,
  /** Least time between two actions. */
  min_interval_s: count,
});

/** The claims of a grant, each by itself. */
export const grantClaims = z.strictObject({
  v: z.literal(1),
  jti: z.string().regex(grantIdPattern),
  /** Operator name of the trust list, or the parent's id for a child. */
  iss: z.string().min(1).max(100),
  /** `agent:*` or `agent:<name>`. */
  sub: z.string().regex(/^agent:(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/),
  /** `autosd:<log origin>`. */
  aud: z.string().min(1).max(200),
  iat: epochSecondsSchema,
  nbf: epochSecondsSchema,
  exp: epochSecondsSchema,
  authorization_details: z.array(grantEntrySchema).min(1).max(64),
  /** Gates that must be recorded green for the commit of the action. */
  gates: gateNames,
  /** Gates that need not be green, whoever asks for them: only in break-glass grants. */
  waive: gateNames.optional(),
  budget: grantBudgetSchema,
  break_glass: z.boolean(),
  reason: z.string().max(500),
  /** How many distinct operators must have signed. */
  quorum: z.number().int().min(1).max(16),
  bind: z.strictObject({ commit: commitId.optional(), artifact: digest.optional() }),
  /** How many more times it may be delegated. */
  depth: z.number().int().min(0).max(4),
  /** Who may delegate: the key that signs children. */
  cnf: z.strictObject({ jwk: publicJwkSchema }).optional(),
  /** Digest of the parent's payload; absent for a grant that operators signed. */
  parent: digest.optional(),
  /** Head of the audit log when this was signed: each signature is a witness of it. */
  log: z.strictObject({ origin: z.string().max(128), size: count, root: z.string().max(64) }),
});

/** Payload of a grant (JWS general JSON over its canonical JSON). Times are epoch seconds. */
export const grantSchema = grantClaims.refine(
  (grant) => grant.waive === undefined || grant.break_glass,
  {
    path: ["waive"],
    message: "only a break-glass grant waives gates",
  },
);
export type Grant = z.infer<typeof grantSchema>;

/** Longest life of a break-glass grant, `exp - iat`. */
export const breakGlassLifetimeS = 2 * 3_600;
/** Longest life of any grant. */
export const maxLifetimeS = 30 * 24 * 3_600;
export const grantTokenType = "autosd-grant+jws";
