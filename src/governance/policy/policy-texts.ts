import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { builtInLimits } from "./built-in-policy.ts";

const contentSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("absent") }),
  z.strictObject({ kind: z.literal("text"), text: z.string() }),
  /** It is there, or may be there, and is not what it should be: a link, too large, of somebody else. */
  z.strictObject({ kind: z.literal("unreadable"), finding: z.string() }),
]);
const fileSchema = z.strictObject({ file: z.string(), content: contentSchema });

/** The texts of every layer as they were found, before anybody has understood them. */
const policyTextsSchema = z.strictObject({
  user: fileSchema,
  project: fileSchema,
  /** `policy.cedar`. */
  overlay: fileSchema,
});
export type PolicyTexts = z.infer<typeof policyTextsSchema>;
export type PolicyContent = z.infer<typeof contentSchema>;

const snapshotSchema = z.strictObject({
  schema: z.literal("autosd/policy-snapshot@1"),
  builtIn: z.unknown(),
  texts: policyTextsSchema,
});

/** Canonical JSON of everything that a policy is resolved from; its digest names the policy. */
export function snapshotOf(texts: PolicyTexts): string {
  return canonicalJson({ schema: "autosd/policy-snapshot@1", builtIn: builtInLimits, texts });
}

/** Undefined for what is no snapshot, or one of an autosd with another built-in policy. */
export function textsOfSnapshot(snapshot: string): PolicyTexts | undefined {
  let json: unknown;
  try {
    json = JSON.parse(snapshot);
  } catch {
    return undefined;
  }
  const parsed = snapshotSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const isSame = canonicalJson(parsed.data.builtIn) === canonicalJson(builtInLimits);
  return isSame ? parsed.data.texts : undefined;
}
