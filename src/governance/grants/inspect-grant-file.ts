import { kidOf, parsePublicJwk, verifySignature } from "../keys/public-key.ts";
import type { PublicJwk } from "../keys/signer.port.ts";
import type { TrustedKey, TrustList } from "../keys/trust.ts";
import { failureOf } from "./failure.ts";
import { recordFailure, signaturePlace } from "./examine-signers.ts";
import { type GrantChain, type GrantLink, parseGrantFile } from "./grant-file.ts";
import { grantIdPattern } from "./grant-limits.ts";
import type { LogFacts } from "./log-facts.ts";
import { wideningsOf } from "./narrowing.ts";
import type { GrantFailure } from "./reasons.ts";

export interface GrantInspection {
  /** Undefined: there is no such grant. */
  readonly file: Uint8Array | undefined;
  /** Id under which the file was found; undefined when it came by other means. */
  readonly jti?: string | undefined;
  readonly trust: TrustList;
  /** Operators that policy asks for; a grant may ask for more. */
  readonly minimumQuorum: number;
  /**
   * What the log records of who signed when. Undefined away from the audit log: then the size that
   * the grant pinned is the least place that a signature can have.
   */
  readonly facts?: Pick<LogFacts, "issuedAt" | "signersOf"> | undefined;
}

/** What structure and cryptography say about a grant: steps 1 to 7 of the verification order. */
export type InspectedGrant =
  | {
      readonly kind: "sound";
      /** The grant itself first. */
      readonly links: GrantChain;
      /** Keys of all signatures of the chain, without repeats. */
      readonly kids: readonly string[];
      /** Distinct operators that signed. */
      readonly operators: readonly string[];
      /** An operator's signature came from a key that nothing protects. */
      readonly unprotected: boolean;
    }
  | { readonly kind: "refused"; readonly failures: readonly [GrantFailure] };

/** A key that may sign a link, and the operator whose signature counts. */
interface KnownKey {
  readonly jwk: PublicJwk;
  readonly operator: string | undefined;
  readonly unprotected: boolean;
}

interface SignedBy {
  readonly kid: string;
  readonly key: KnownKey;
}

/** Reads a grant with its chain and verifies every signature. Stops at the first finding. */
export function inspectGrantFile(inspection: GrantInspection): InspectedGrant {
  const { file, jti } = inspection;
  if (jti !== undefined && !grantIdPattern.test(jti))
    return refused(failureOf("malformed", { stage: 1, link: 0 }, "The grant id is not valid."));
  if (file === undefined)
    return refused(
      failureOf("not_found", { stage: 1, link: 0 }, `There is no grant ${jti ?? "in the file"}.`),
    );
  const parsed = parseGrantFile(file);
  if (parsed.kind === "refused") return refused(parsed.failure);
  const { links } = parsed;
  const own = links[0].grant.jti;
  if (jti !== undefined && own !== jti)
    return refused(
      failureOf("malformed", { stage: 2, link: 0 }, `The file of ${jti} holds the grant ${own}.`),
    );
  return inspectLinks(links, inspection);
}

function inspectLinks(links: GrantChain, inspection: GrantInspection): InspectedGrant {
  const broken = brokenChain(links);
  if (broken !== undefined) return refused(broken);
  const signers = signersOf(links, inspection);
  if (signers.kind === "refused") return signers;
  const finding =
    forgery(links, signers.byLink) ??
    recordFailure(links, inspection.facts) ??
    duplicateSigner(links) ??
    quorumGap(links, signers.byLink, inspection.minimumQuorum) ??
    widening(links);
  if (finding !== undefined) return refused(finding);
  const all = signers.byLink.flat();
  return {
    kind: "sound",
    links,
    kids: [...new Set(all.map((one) => one.kid))],
    operators: operatorsOf(signers.byLink.at(-1) ?? []),
    unprotected: all.some((one) => one.key.unprotected),
  };
}

/** Each link but the last names its parent by the digest of what the parent says. */
function brokenChain(links: readonly GrantLink[]): GrantFailure | undefined {
  const ids = new Set(links.map((one) => one.grant.jti));
  if (ids.size < links.length)
    return failureOf("chain_parent", { stage: 7, link: 0 }, "Two links have the same id.");
  for (const [link, { grant }] of links.entries()) {
    const parent = links[link + 1];
    if (grant.parent === parent?.payloadDigest && (parent === undefined || fits(grant, parent)))
      continue;
    const message =
      parent === undefined
        ? `${grant.jti} was delegated, and its parent is not in the file.`
        : `${parent.grant.jti} in the file is not the parent that ${grant.jti} names.`;
    return failureOf("chain_parent", { stage: 7, link }, message);
  }
  return undefined;
}

function fits(grant: GrantLink["grant"], parent: GrantLink): boolean {
  return grant.iss === parent.grant.jti;
}

function signersOf(
  links: readonly GrantLink[],
  inspection: GrantInspection,
):
  | { readonly kind: "known"; readonly byLink: readonly (readonly SignedBy[])[] }
  | { readonly kind: "refused"; readonly failures: readonly [GrantFailure] } {
  const byLink: SignedBy[][] = [];
  for (const [link, one] of links.entries()) {
    const parent = links[link + 1];
    const signed: SignedBy[] = [];
    for (const { kid } of one.signatures) {
      const key =
        parent === undefined
          ? operatorKey(kid, one, { link, inspection })
          : delegatedKey(kid, parent, link);
      if ("reason" in key) return refused(key);
      signed.push({ kid, key });
    }
    byLink.push(signed);
  }
  return { kind: "known", byLink };
}

function operatorKey(
  kid: string,
  signed: GrantLink,
  at: { readonly link: number; readonly inspection: GrantInspection },
): KnownKey | GrantFailure {
  const place = { stage: 4, link: at.link };
  const trusted = at.inspection.trust.keys.find((one) => one.kid === kid);
  if (trusted === undefined)
    return failureOf("key_unknown", place, `The key ${kid} is not in the trust list.`, { kid });
  const jwk = usableKey(trusted.jwk, kid, place);
  if ("reason" in jwk) return jwk;
  const retired = retirementOf(trusted, signed, at.inspection);
  if (retired !== undefined) return failureOf("key_retired", place, retired, { kid });
  const isOperator = trusted.roles.includes("operator");
  return {
    jwk,
    operator: isOperator ? trusted.operator : undefined,
    unprotected: trusted.protection === "unprotected",
  };
}

function delegatedKey(kid: string, parent: GrantLink, link: number): KnownKey | GrantFailure {
  const place = { stage: 4, link };
  const { cnf, jti, depth } = parent.grant;
  if (cnf === undefined || depth === 0)
    return failureOf("key_unknown", place, `${jti} may not be delegated.`, { kid });
  const jwk = usableKey(cnf.jwk, kid, place);
  return "reason" in jwk ? jwk : { jwk, operator: undefined, unprotected: false };
}

function usableKey(
  candidate: PublicJwk,
  kid: string,
  place: { readonly stage: number; readonly link: number },
): PublicJwk | GrantFailure {
  const parsed = parsePublicJwk(candidate);
  if (parsed.kind === "refused")
    return failureOf("key_weak", place, `The key ${kid} is not a strong Ed25519 key.`, { kid });
  if (kidOf(parsed.jwk) !== kid)
    return failureOf("key_unknown", place, `The key ${kid} may not sign this.`, { kid });
  return parsed.jwk;
}

/** By the place in the log: whoever holds a retired key writes any time he likes into a grant. */
function retirementOf(
  key: TrustedKey,
  signed: GrantLink,
  inspection: GrantInspection,
): string | undefined {
  const { grant } = signed;
  if (key.notAfter !== null && grant.iat > key.notAfter)
    return `The key ${key.kid} ended before ${grant.jti} was issued.`;
  if (key.lastValidSeq === null) return undefined;
  const place = signaturePlace(grant, key.kid, inspection.facts);
  if (place !== undefined && place < key.lastValidSeq) return undefined;
  return `The key ${key.kid} was retired before the log recorded that it signed ${grant.jti}.`;
}

function forgery(
  links: readonly GrantLink[],
  signers: readonly (readonly SignedBy[])[],
): GrantFailure | undefined {
  for (const [link, one] of links.entries()) {
    if (one.signatures.length === 0)
      return failureOf("signature", { stage: 5, link }, `${one.grant.jti} is not signed.`);
    for (const [index, { kid, signingInput, signature }] of one.signatures.entries()) {
      const key = signers[link]?.[index]?.key;
      if (key !== undefined && verifySignature(key.jwk, signingInput, signature)) continue;
      const message = `The signature of ${kid} on ${one.grant.jti} is not genuine.`;
      return failureOf("signature", { stage: 5, link }, message, { kid });
    }
  }
  return undefined;
}

function duplicateSigner(links: readonly GrantLink[]): GrantFailure | undefined {
  for (const [link, { grant, signatures }] of links.entries()) {
    const kids = signatures.map((one) => one.kid);
    const twice = kids.find((kid, index) => kids.indexOf(kid) !== index);
    if (twice !== undefined)
      return failureOf(
        "duplicate_signer",
        { stage: 6, link },
        `The key ${twice} signed ${grant.jti} twice.`,
        { kid: twice },
      );
  }
  return undefined;
}

function quorumGap(
  links: readonly GrantLink[],
  signers: readonly (readonly SignedBy[])[],
  minimum: number,
): GrantFailure | undefined {
  const operators = operatorsOf(signers.at(-1) ?? []);
  // At least one, whatever a policy says: a grant that no operator signed is no grant.
  const need = Math.max(1, minimum, ...links.map((one) => one.grant.quorum));
  if (operators.length >= need) return undefined;
  const link = links.length - 1;
  const name = links[link]?.grant.jti ?? "the grant";
  return failureOf(
    "quorum_short",
    { stage: 6, link },
    `${name} needs the signatures of ${need} operators; it has ${operators.length}.`,
    { need, have: operators.length, operators },
  );
}

function operatorsOf(signers: readonly SignedBy[]): readonly string[] {
  return [...new Set(signers.flatMap(({ key }) => key.operator ?? []))];
}

function widening(links: readonly GrantLink[]): GrantFailure | undefined {
  for (const [link, { grant }] of links.entries()) {
    const parent = links[link + 1]?.grant;
    const findings = parent === undefined ? [] : wideningsOf(grant, parent);
    if (findings.length > 0)
      return failureOf(
        "chain_widened",
        { stage: 7, link },
        `${grant.jti} is wider than ${parent?.jti ?? ""}: ${findings.join("; ")}.`,
        { findings },
      );
  }
  return undefined;
}

function refused(failure: GrantFailure): {
  readonly kind: "refused";
  readonly failures: readonly [GrantFailure];
} {
  return { kind: "refused", failures: [failure] };
}
