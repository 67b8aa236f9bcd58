import { z } from "zod";

const tokenSchema = z.strictObject({
  payload: z.string(),
  signatures: z.array(z.strictObject({ protected: z.string(), signature: z.string() })).min(1),
});

/**
 * One token with the signatures of two tokens over the same payload, those of `left` first, none
 * twice; undefined when the payloads differ. Both were parsed before; verifies nothing.
 */
export function mergeSignatures(left: unknown, right: unknown): unknown {
  const ours = tokenSchema.safeParse(left);
  const theirs = tokenSchema.safeParse(right);
  if (!ours.success || !theirs.success || ours.data.payload !== theirs.data.payload)
    return undefined;
  const headers = new Set(ours.data.signatures.map((one) => one.protected));
  const added = theirs.data.signatures.filter((one) => !headers.has(one.protected));
  return { payload: ours.data.payload, signatures: [...ours.data.signatures, ...added] };
}
