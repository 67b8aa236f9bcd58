import type { EntryDraft } from "../../governance/audit/entry.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { renderGrantFile, tokenOf } from "../../governance/grants/grant-file.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import { mergeSignatures } from "../../governance/grants/merge-signatures.ts";
import { addSignature } from "../../governance/keys/jws.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { signedGrantOf, refuseUnapprovable, type SignedByOperators } from "./approvable-grant.ts";
import type { ApprovedGrant, GrantCalls } from "./grant-calls.ts";
import { type GrantServices, signingOperator, trustInUse } from "./grant-services.ts";
import { readGrantSource, type GrantSource } from "./grant-source.ts";
import { shownGrant } from "./shown-grant.ts";

type Input = Parameters<GrantCalls["approve"]>[0];

/**
 * Adds an operator's signature to a grant, or takes over those that a file brings. Grants of this
 * machine's log are kept in its store; a file is rewritten where it is. It is signed before the log
 * is locked, since a person may have to answer; what was true then is asked again under the lock. A
 * signature that is in the store already and not in the log is recorded by the same command.
 */
export async function approveGrant(services: GrantServices, input: Input): Promise<ApprovedGrant> {
  const source = await readGrantSource(services, input.source);
  const operator = input.importOnly ? undefined : await signingOperator(services, input.signer);
  const trust = operator?.trust ?? (await trustInUse(services));
  const brought = signedGrantOf(source.bytes, trust);
  const { jti } = brought.grant;
  const audit = await services.audit();
  const approvable = async (facts: LogFacts) => {
    const isOurs = brought.grant.aud === `autosd:${facts.origin}`;
    const stored = isOurs ? await services.store.read(jti) : undefined;
    const grant = stored === undefined ? brought : merged(brought, signedGrantOf(stored, trust));
    await refuseUnapprovable(services, { grant, facts, trust, isOurs, operator });
    return { grant, isOurs };
  };
  const seen = await approvable(await audit.facts());
  const signed = signedGrantOf(await withSignature(seen.grant, operator?.signer), trust);
  const { value } = await audit.transact(async (facts) => {
    const { grant, isOurs } = await approvable(facts);
    const bytes = renderGrantFile([merged(signed, grant).jws]);
    const after = signedGrantOf(bytes, trust);
    const entry = approvalEntry(
      after,
      operator?.operator ?? services.operator,
      operator?.signer.kid,
    );
    return { append: [entry], value: { bytes, after, isOurs } };
  });
  if (value.isOurs) await keepSigned(services, value.bytes, trust);
  return finish(services, { source, kid: operator?.signer.kid ?? null, ...value });
}

/** The grant's file; a signer who is among its signers already adds nothing. */
async function withSignature(
  { jws, kids }: SignedByOperators,
  signer: Signer | undefined,
): Promise<Uint8Array> {
  const bytes = renderGrantFile([jws]);
  if (signer === undefined || kids.includes(signer.kid)) return bytes;
  return renderGrantFile([tokenOf(await addSignature(bytes, signer))]);
}

/**
 * After the log: a signature that no entry records counts for nothing, and the same command again
 * adds it. In a turn of its own, so that what others kept meanwhile stays.
 */
async function keepSigned(
  { audit, store }: Pick<GrantServices, "audit" | "store">,
  bytes: Uint8Array,
  trust: TrustList,
): Promise<void> {
  const signed = signedGrantOf(bytes, trust);
  await (
    await audit()
  ).transact(async () => {
    const stored = await store.read(signed.grant.jti);
    const all = stored === undefined ? signed : merged(signed, signedGrantOf(stored, trust));
    await store.write(signed.grant.jti, renderGrantFile([all.jws]));
    return { append: [], value: undefined };
  });
}

async function finish(
  { files }: Pick<GrantServices, "files">,
  of: {
    readonly source: GrantSource;
    readonly kid: string | null;
    readonly bytes: Uint8Array;
    readonly after: SignedByOperators;
    readonly isOurs: boolean;
  },
): Promise<ApprovedGrant> {
  const { source, after, kid } = of;
  if (source.file !== null) await files.write(source.file, of.bytes);
  return {
    grant: shownGrant(after.grant),
    operators: after.operators,
    need: after.grant.quorum,
    kid,
    file: source.file,
    stored: of.isOurs,
  };
}

function merged(brought: SignedByOperators, stored: SignedByOperators): SignedByOperators {
  const jws = mergeSignatures(stored.jws, brought.jws);
  if (jws === undefined)
    throw new GovernanceError(
      "AUTOSD-PREAUTH-INPUT",
      `The file says something else than the grant ${stored.grant.jti} of this machine.`,
      { remedy: `autosd preauth show ${stored.grant.jti}` },
    );
  const operators = [...new Set([...stored.operators, ...brought.operators])];
  const kids = [...new Set([...stored.kids, ...brought.kids])];
  return { ...stored, jws, kids, operators };
}

function approvalEntry(
  { grant, kids, digest, operators }: SignedByOperators,
  operator: string,
  kid: string | undefined,
): EntryDraft {
  return {
    kind: "grant.approve",
    actor: { type: "operator", id: operator },
    grant: { jti: grant.jti, chain: [grant.jti], kids: [...kids] },
    details: {
      digest,
      exp: grant.exp,
      operators,
      ...(kid === undefined ? { imported: true } : { kid }),
    },
  };
}
