import type { EntryDraft } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { tokenOf, renderGrantFile } from "../../governance/grants/grant-file.ts";
import { type Grant, grantSchema, grantTokenType } from "../../governance/grants/grant.ts";
import { maxGrantBytes } from "../../governance/grants/grant-limits.ts";
import { signJws } from "../../governance/keys/jws.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";

/** A signed grant that is not yet in the log. */
export interface SignedGrant {
  readonly grant: Grant;
  readonly file: Uint8Array;
  readonly digest: string;
}

/**
 * Signs a grant and puts its parents' tokens behind it. Throws AUTOSD-PREAUTH-INPUT when it would
 * be larger than what is read.
 */
export async function signGrant(
  claims: Grant,
  signer: Signer,
  parents: readonly unknown[],
): Promise<SignedGrant> {
  const grant = grantSchema.parse(claims);
  const text = canonicalJson(grant);
  const jws = await signJws(new TextEncoder().encode(text), grantTokenType, [signer]);
  const file = renderGrantFile([tokenOf(jws), ...parents]);
  if (file.byteLength > maxGrantBytes)
    throw new GovernanceError(
      "AUTOSD-PREAUTH-INPUT",
      `The grant would have ${file.byteLength} bytes; at most ${maxGrantBytes} are read.`,
      { remedy: "Name fewer projects, or make several grants." },
    );
  return { grant, file, digest: sha256(text) };
}

/**
 * What the log records of a new grant: enough to know when it ends, and the head of the log that
 * its signature is a witness of. What it allows stands in the grant, which the digest names.
 */
export function issueEntry(
  signed: SignedGrant,
  of: {
    readonly actor: EntryDraft["actor"];
    readonly chain: readonly string[];
    readonly kid: string;
    readonly unprotected: boolean;
  },
): EntryDraft {
  const { grant, digest } = signed;
  const projects = [...new Set(grant.authorization_details.flatMap((one) => one.locations))];
  const [project] = projects;
  return {
    kind: "grant.issue",
    actor: of.actor,
    ...(projects.length === 1 && project !== undefined && project !== "*" ? { project } : {}),
    ...(grant.reason === "" ? {} : { reason: grant.reason }),
    ...(grant.break_glass ? { break_glass: true } : {}),
    grant: { jti: grant.jti, chain: [...of.chain], kids: [of.kid] },
    details: {
      exp: grant.exp,
      digest,
      quorum: grant.quorum,
      log: grant.log,
      ...(of.unprotected ? { unprotected: true } : {}),
    },
  };
}
