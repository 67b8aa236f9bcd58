import { z } from "zod";
import { nearMatch } from "../../kernel/near-match.ts";
import { parseStrictJson } from "../../kernel/strict-json.ts";
import { environments, privilegedActions, scopeName } from "../grants/action.ts";
import { jsonPlaces, type JsonPlaces } from "./json-places.ts";
import type { PolicyFinding } from "./policy-finding.ts";

export const maxPolicyBytes = 256 * 1024;

const verdict = z.enum(["allow", "refuse"]);
const name = z.string().regex(/^[a-z][a-z0-9:_-]{0,63}$/, "must be a name in lower case");
const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/, "must be a time in UTC such as 2026-12-20T00:00Z")
  .refine((text) => Number.isFinite(Date.parse(text)), "is no time of the calendar");
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "must be HH:MM in UTC");
const unique = [
  (items: readonly unknown[]): boolean => new Set(items).size === items.length,
  "names something twice",
] as const;

/** `none`: actions that have no environment, such as push. */
export const policyEnvironments = [...environments, "none"] as const;

const scope = {
  /** Absent: all of them, `none` included. */
  environments: z
    .array(z.enum(policyEnvironments))
    .min(1)
    .refine(...unique)
    .optional(),
  /** Absent: all of them. */
  actions: z
    .array(z.enum(privilegedActions))
    .min(1)
    .refine(...unique)
    .optional(),
};

/** What a rule may limit; docs: `autosd policy show` prints each with its source. */
export const limitsSchema = z.strictObject({
  /** The only actions that are allowed. */
  allowedActions: z
    .array(z.enum(privilegedActions))
    .refine(...unique)
    .optional(),
  /** The only targets; `*` is any. */
  allowedTargets: z
    .array(z.string().regex(scopeName, "must be * or the name of a target"))
    .max(64)
    .refine(...unique)
    .optional(),
  /** Gates that must be recorded green for the commit, besides those of the grant. */
  requiredGates: z
    .array(name)
    .max(32)
    .refine(...unique)
    .optional(),
  /** Refused while one of these service levels burns its budget; `*` is any. */
  refuseWhenBurning: z
    .array(z.string().regex(/^(\*|[a-z][a-z0-9_-]{0,63})$/, "must be * or a service level"))
    .max(32)
    .refine(...unique)
    .optional(),
  /** Distinct operators that must have signed the grant. */
  quorum: z.number().int().min(1).max(16).optional(),
  /** US dollars that one action may cost at most; millionths count. */
  maxSpendUsd: z.number().nonnegative().max(1_000_000).optional(),
  /** Seconds between two actions of the same kind in the same environment. */
  minIntervalSeconds: z.number().int().nonnegative().max(31_536_000).optional(),
  /** Hours that a grant may live, from issue to expiry. */
  maxGrantLifetimeHours: z.number().positive().max(720).optional(),
  /** How many links a grant may be away from the one that operators signed. */
  maxDelegationDepth: z.number().int().min(0).max(4).optional(),
  /** Grants signed by keys that no passphrase and no agent protects. */
  unprotectedKeys: verdict.optional(),
  breakGlass: verdict.optional(),
  /** Actions while generated code runs without a sandbox. */
  sandboxNone: verdict.optional(),
});
export type PolicyLimits = z.infer<typeof limitsSchema>;

const ruleSchema = limitsSchema.extend(scope);
export type PolicyRule = z.infer<typeof ruleSchema>;

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const freezeSchema = z
  .strictObject({
    name: z.string().min(1).max(80),
    reason: z.string().max(500).optional(),
    environments: scope.environments,
    /** Absent: all but rollback and heal, which mend. */
    actions: scope.actions,
    /** Lets grants that break glass through; they do not pass without it. */
    exceptBreakGlass: z.boolean().optional(),
    /** Every week, UTC. `until` at or before `from` ends on the next day. */
    weekly: z
      .strictObject({
        days: z
          .array(z.enum(weekdays))
          .min(1)
          .refine(...unique),
        from: timeOfDay,
        until: timeOfDay,
      })
      .optional(),
    /** Once: from this time, inclusive. */
    from: instant.optional(),
    /** Once: until this time, exclusive. */
    until: instant.optional(),
  })
  .superRefine((freeze, context) => {
    const once = freeze.from !== undefined && freeze.until !== undefined;
    const half = (freeze.from === undefined) !== (freeze.until === undefined);
    if (half || once === (freeze.weekly !== undefined))
      context.addIssue({ code: "custom", message: "needs either weekly, or from and until" });
    if (once && Date.parse(freeze.from ?? "") >= Date.parse(freeze.until ?? ""))
      context.addIssue({ code: "custom", path: ["until"], message: "must be after from" });
  });
export type PolicyFreeze = z.infer<typeof freezeSchema>;

export const policyDocumentSchema = z.strictObject({
  schema: z.literal("autosd/policy@1"),
  rules: z.array(ruleSchema).max(200).default([]),
  freezes: z.array(freezeSchema).max(100).default([]),
});
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;

/** Names that may stand in an object, by the way to it with indices left out. */
const knownKeys: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(policyDocumentSchema.shape),
  rules: Object.keys(ruleSchema.shape),
  freezes: Object.keys(freezeSchema.shape),
  "freezes.weekly": ["days", "from", "until"],
};

export type ParsedPolicy =
  | { readonly kind: "document"; readonly document: PolicyDocument }
  | { readonly kind: "refused"; readonly findings: readonly PolicyFinding[] };

/** Reads a policy file. Throws nothing; every finding has its place and, for a wrong name, the likely one. */
export function parsePolicyDocument(text: string, file: string): ParsedPolicy {
  const places = jsonPlaces(text);
  const json = parseStrictJson(text);
  if (json.kind === "refused") {
    const place = places.flaw ?? { line: 1, column: 1 };
    return { kind: "refused", findings: [{ file, ...place, message: json.message }] };
  }
  const parsed = policyDocumentSchema.safeParse(json.value);
  if (parsed.success) return { kind: "document", document: parsed.data };
  const findings = parsed.error.issues.flatMap((issue) => findingsOf(issue, file, places));
  return { kind: "refused", findings };
}

function findingsOf(
  issue: z.core.$ZodIssue,
  file: string,
  places: JsonPlaces,
): readonly PolicyFinding[] {
  const at = issue.path;
  if (issue.code !== "unrecognized_keys") {
    const where = pointerOf(at);
    const message = where === "" ? issue.message : `${where}: ${issue.message}`;
    return [{ file, ...places.placeOf(at), message }];
  }
  const known = knownKeys[at.filter((part) => typeof part === "string").join(".")] ?? [];
  return issue.keys.map((key) => {
    const near = nearMatch(key, known);
    const hint = near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
    const message = `${pointerOf([...at, key])} is not known; ${hint}`;
    const suggestion = near === undefined ? {} : { suggestion: near };
    return { file, ...places.placeOf([...at, key]), message, ...suggestion };
  });
}

/** `rules[2].quorum`. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}
