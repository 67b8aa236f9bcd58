import { z } from "zod";
import type { Entry } from "../audit/entry.ts";
import type { Claim, LogFacts } from "../grants/log-facts.ts";
import {
  reinstateStatementSchema,
  releaseStatementSchema,
  statementBytes,
} from "../grants/operator-statement.ts";
import { signatureProblem } from "../keys/operator-signature.ts";
import { kidSchema, type TrustList } from "../keys/trust.ts";
import { resumeBytes, signedResumeSchema } from "./resume-statement.ts";

/** Kinds of entries that say what only an operator may: each carries the operator's statement. */
export const signedKinds = ["resume", "release", "grant.reinstate"] as const;

const signedStatement = {
  kid: kidSchema,
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
};
const signedReleaseSchema = z.strictObject({
  statement: releaseStatementSchema,
  ...signedStatement,
});
const signedReinstateSchema = z.strictObject({
  statement: reinstateStatementSchema,
  ...signedStatement,
});

/** What a statement is checked against. */
export interface SignedEntryFacts {
  /** Undefined: there is none, and nothing holds. */
  readonly trust: TrustList | undefined;
  readonly facts: Pick<LogFacts, "origin" | "rootAt">;
}

interface Statement {
  readonly log: { readonly origin: string; readonly size: number; readonly root: string };
  readonly atMs: number;
}

/**
 * Why an entry of `signedKinds` is not an operator's word, as one clause; undefined when it is, and
 * for entries of other kinds.
 */
export async function statementProblem(
  entry: Entry,
  known: SignedEntryFacts,
): Promise<string | undefined> {
  const { seq, details } = entry;
  switch (entry.kind) {
    case "resume":
      return resumeProblem(
        { project: entry.project ?? "*", haltSeq: entry.ref ?? null, seq, details },
        known,
      );
    case "release":
      return releaseProblem({ seq: entry.ref, idem: entry.idem }, { seq, details }, known);
    case "grant.reinstate": {
      const { grant, ref = null } = entry;
      return reinstateProblem({ jti: grant?.jti, revokedSeq: ref }, { seq, details }, known);
    }
    default:
      return undefined;
  }
}

/** The same of an entry that claims to lift the halt of `haltSeq`. */
export async function resumeProblem(
  claim: {
    readonly project: string;
    readonly haltSeq: number | null;
    readonly seq: number;
    readonly details: unknown;
  },
  known: SignedEntryFacts,
): Promise<string | undefined> {
  const signed = signedResumeSchema.safeParse(claim.details).data;
  if (signed === undefined) return unsigned;
  const { statement } = signed;
  if (statement.project !== claim.project || statement.haltSeq !== claim.haltSeq)
    return otherMatter;
  return wordProblem({ ...signed, bytes: resumeBytes(statement), seq: claim.seq }, known);
}

/** The same of an entry that claims to give a reservation back. */
export async function releaseProblem(
  reservation: { readonly seq: number | undefined; readonly idem: string | undefined },
  claim: Claim,
  known: SignedEntryFacts,
): Promise<string | undefined> {
  const signed = signedReleaseSchema.safeParse(claim.details).data;
  if (signed === undefined) return unsigned;
  const { statement } = signed;
  if (statement.seq !== reservation.seq || statement.idem !== reservation.idem) return otherMatter;
  return wordProblem({ ...signed, bytes: statementBytes(statement), seq: claim.seq }, known);
}

/** The same of an entry that claims to take back the revocation of entry `revokedSeq`. */
export async function reinstateProblem(
  revocation: { readonly jti: string | undefined; readonly revokedSeq: number | null },
  claim: Claim,
  known: SignedEntryFacts,
): Promise<string | undefined> {
  const signed = signedReinstateSchema.safeParse(claim.details).data;
  if (signed === undefined) return unsigned;
  const { statement } = signed;
  const isOfIt = statement.jti === revocation.jti && statement.revokedSeq === revocation.revokedSeq;
  if (!isOfIt) return otherMatter;
  return wordProblem({ ...signed, bytes: statementBytes(statement), seq: claim.seq }, known);
}

const unsigned = "it carries no statement of an operator";
const otherMatter = "the statement in it is about something else";

async function wordProblem(
  signed: {
    readonly statement: Statement;
    readonly kid: string;
    readonly signature: string;
    readonly bytes: Uint8Array;
    readonly seq: number;
  },
  { trust, facts }: SignedEntryFacts,
): Promise<string | undefined> {
  const { log, atMs } = signed.statement;
  // Also what keeps a statement from being recorded a second time, or in another log.
  const isOfThisLog = log.origin === facts.origin && log.size <= signed.seq;
  if (!isOfThisLog || (await facts.rootAt(log.size)) !== log.root)
    return "it was signed over another log";
  return signatureProblem({ ...signed, atMs }, trust);
}
