import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { kidSchema } from "../keys/trust.ts";

const seq = z.number().int().nonnegative();

/** What an operator signs to lift a halt. */
export const resumeStatementSchema = z.strictObject({
  schema: z.literal("autosd/resume@1"),
  /** Project id; `*`: the halt of everything. */
  project: z.string().min(1).max(100),
  /** The entry of the halt that is lifted; null when the log does not know of it. */
  haltSeq: seq.nullable(),
  /** Head of the audit log that the operator saw: the signature is a witness of it. */
  log: z.strictObject({ origin: z.string(), size: seq, root: z.string() }),
  /** Epoch milliseconds. */
  atMs: seq,
});
export type ResumeStatement = z.infer<typeof resumeStatementSchema>;

/** `details` of a `resume` entry: everything that is needed to check it again. */
export const signedResumeSchema = z.strictObject({
  statement: resumeStatementSchema,
  kid: kidSchema,
  /** Base64url of the 64 bytes of an Ed25519 signature over `resumeBytes`. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type SignedResume = z.infer<typeof signedResumeSchema>;

/** The very bytes that are signed. The schema in them keeps them from being anything else. */
export function resumeBytes(statement: ResumeStatement): Uint8Array {
  return new TextEncoder().encode(canonicalJson(statement));
}
