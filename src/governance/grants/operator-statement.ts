import { z } from "zod";
import { toBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { Signer } from "../keys/signer.port.ts";
import { grantIdPattern } from "./grant-limits.ts";
import type { LogFacts } from "./log-facts.ts";

const count = z.number().int().nonnegative();
/** Head of the audit log that the operator saw: the signature is a witness of it. */
const logHead = z.strictObject({ origin: z.string(), size: count, root: z.string() });

/** What an operator signs to give a reservation back. */
export const releaseStatementSchema = z.strictObject({
  schema: z.literal("autosd/release@1"),
  seq: count,
  idem: z.string(),
  reason: z.string().max(500),
  log: logHead,
  /** Epoch milliseconds. */
  atMs: count,
});

/** What an operator signs to take a revocation back. */
export const reinstateStatementSchema = z.strictObject({
  schema: z.literal("autosd/reinstate@1"),
  jti: z.string().regex(grantIdPattern),
  /** The entry of the revocation, so that a later one stays; null when the log knows of none. */
  revokedSeq: count.nullable(),
  reason: z.string().max(500),
  log: logHead,
  atMs: count,
});

export type OperatorStatement =
  z.infer<typeof releaseStatementSchema> | z.infer<typeof reinstateStatementSchema>;

/** `details` of the entry that records it: everything that is needed to check it again. */
export interface SignedStatement {
  readonly statement: OperatorStatement;
  readonly kid: string;
  /** Base64url of the Ed25519 signature over `statementBytes`. */
  readonly signature: string;
}

/** The very bytes that are signed. The schema in them keeps them from being anything else. */
export function statementBytes(statement: OperatorStatement): Uint8Array {
  return new TextEncoder().encode(canonicalJson(statement));
}

/** Throws AUTOSD-PREAUTH-KEYS when the key cannot be used. */
export async function signStatement(
  signer: Signer,
  statement: OperatorStatement,
): Promise<SignedStatement> {
  const signature = toBase64Url(await signer.sign(statementBytes(statement)));
  return { statement, kid: signer.kid, signature };
}

/** The head of the log as it goes into what is signed. */
export function headOf(facts: LogFacts): z.infer<typeof logHead> {
  return { origin: facts.origin, size: facts.size, root: facts.root };
}
