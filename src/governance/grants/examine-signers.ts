import type { TrustList } from "../keys/trust.ts";
import { effectiveNowMs } from "./examine-window.ts";
import { failureOf } from "./failure.ts";
import type { GrantChain, GrantLink } from "./grant-file.ts";
import type { Grant } from "./grant.ts";
import type { LogFacts } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";

type SignerFacts = Pick<LogFacts, "issuedAt" | "signersOf">;

/**
 * Where in the log the key's signature stands; undefined when no entry tells of it. Away from the
 * log the size that the grant pinned is the least place that it can have.
 */
export function signaturePlace(
  grant: Grant,
  kid: string,
  facts: Pick<SignerFacts, "signersOf"> | undefined,
): number | undefined {
  if (facts === undefined) return grant.log.size;
  return facts.signersOf(grant.jti).find((one) => one.kid === kid)?.seq;
}

/**
 * The first signature that the log of an issued grant does not tell of: whoever put it there did so
 * without the log, and with a quorum it must not count. A grant that was not issued is step 11's.
 */
export function recordFailure(
  links: readonly GrantLink[],
  facts: SignerFacts | undefined,
): GrantFailure | undefined {
  if (facts === undefined) return undefined;
  for (const [link, { grant, signatures }] of links.entries()) {
    if (facts.issuedAt(grant.jti) === undefined) continue;
    for (const { kid } of signatures) {
      if (signaturePlace(grant, kid, facts) !== undefined) continue;
      return failureOf(
        "signature",
        { stage: 5, link },
        `The audit log does not record that ${kid} signed ${grant.jti} (autosd preauth approve ${grant.jti} --import records it).`,
        { kid },
      );
    }
  }
  return undefined;
}

/**
 * Signatures of retired keys that the log does not know yet. Recorded now, they would come after the
 * end of their keys and make the whole grant useless.
 */
export function lateSigners(
  of: { readonly grant: Grant; readonly kids: readonly string[] },
  trust: TrustList,
  facts: Pick<SignerFacts, "signersOf">,
): readonly GrantFailure[] {
  const retired = trust.keys.filter(({ lastValidSeq }) => lastValidSeq !== null);
  return of.kids
    .filter((kid) => retired.some((key) => key.kid === kid))
    .filter((kid) => signaturePlace(of.grant, kid, facts) === undefined)
    .map((kid) =>
      failureOf(
        "key_retired",
        { stage: 4, link: 0 },
        `The key ${kid} was retired before its signature on ${of.grant.jti} was brought here.`,
        { kid },
      ),
    );
}

/**
 * Step 9 too: who is trusted for a time signs nothing that outlives it. By the clock of the use: the
 * times in a grant are what its signer wrote.
 */
export function endedKeyFailures(
  check: {
    readonly nowMs: number;
    readonly facts: Pick<LogFacts, "lastTimeMs">;
    readonly trust: TrustList;
  },
  links: GrantChain,
): readonly GrantFailure[] {
  const kids = links.at(-1)?.signatures.map((one) => one.kid) ?? [];
  return endedKeys(check, kids, links.length - 1);
}

/** The same of keys that signed the grant of a link. */
export function endedKeys(
  check: Parameters<typeof endedKeyFailures>[0],
  kids: readonly string[],
  link: number,
): readonly GrantFailure[] {
  const nowS = effectiveNowMs(check.nowMs, check.facts) / 1_000;
  const signers = new Set(kids);
  return check.trust.keys
    .filter(({ kid, notAfter }) => signers.has(kid) && notAfter !== null && nowS > notAfter)
    .map(({ kid }) =>
      failureOf("key_retired", { stage: 9, link }, `The key ${kid} has ended.`, { kid }),
    );
}
