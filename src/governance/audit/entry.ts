import { z } from "zod";

/**
 * What an entry is. `intent`, `reserve`, `settle` and `release` tell the life of one action;
 * `evidence` records the gates of a commit; the rest change what is allowed.
 */
export const entryKinds = [
  "intent",
  "reserve",
  "settle",
  "release",
  "deny",
  "evidence",
  "halt",
  "resume",
  "retire",
  "config.weakened",
  "grant.issue",
  "grant.approve",
  "grant.revoke",
  "grant.reinstate",
  "key.init",
  "key.rotate",
  "trust.change",
  "log.epoch",
  "log.recovered",
  "anchor",
] as const;
export type EntryKind = (typeof entryKinds)[number];

export const actorSchema = z.strictObject({
  type: z.enum(["operator", "agent", "system"]),
  id: z.string().max(200),
  run: z.string().max(100).optional(),
});
export type Actor = z.infer<typeof actorSchema>;

/** What a writer says; the log adds `v`, `seq`, `prev` and `ts`. Redacted before it is hashed. */
export const entryDraftSchema = z.strictObject({
  kind: z.enum(entryKinds),
  actor: actorSchema,
  action: z.string().optional(),
  project: z.string().optional(),
  env: z.string().optional(),
  target: z.string().optional(),
  decision: z.enum(["allow", "deny"]).optional(),
  code: z.string().optional(),
  reason: z.string().optional(),
  policy: z.strictObject({ digest: z.string(), rules: z.array(z.string()) }).optional(),
  grant: z
    .strictObject({ jti: z.string(), chain: z.array(z.string()), kids: z.array(z.string()) })
    .optional(),
  gates: z
    .array(z.strictObject({ name: z.string(), ok: z.boolean(), evidence: z.string() }))
    .optional(),
  commit: z.string().optional(),
  tag: z.string().optional(),
  artifact: z.string().optional(),
  break_glass: z.boolean().optional(),
  idem: z.string().optional(),
  /** Sequence number of the entry that this one settles, releases or answers. */
  ref: z.number().int().nonnegative().optional(),
  /** Millionths of a US dollar: the ceiling when reserved, the actual when settled. */
  cost: z.number().int().nonnegative().optional(),
  result: z.unknown().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type EntryDraft = z.infer<typeof entryDraftSchema>;

/** One line of `audit.log.jsonl`, canonical JSON. */
export const entrySchema = entryDraftSchema.extend({
  v: z.literal(1),
  /** 0-based, without gaps, across segments. */
  seq: z.number().int().nonnegative(),
  /** `sha256:` of the previous line's bytes without its newline; of nothing for the first. */
  prev: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** ISO 8601 in UTC with milliseconds; never before the previous entry's. */
  ts: z.string(),
});
export type Entry = z.infer<typeof entrySchema>;
