import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import { parseStrictJsonBytes } from "../../kernel/strict-json.ts";
import { type JwsSignature, parseJwsValue } from "../keys/jws.ts";
import { failureOf } from "./failure.ts";
import { type Grant, grantSchema, grantTokenType } from "./grant.ts";
import { maxChainLength, maxGrantBytes } from "./grant-limits.ts";
import type { GrantFailure, GrantReason } from "./reasons.ts";

/** One grant of a chain, read but not verified. */
export interface GrantLink {
  readonly grant: Grant;
  readonly payloadDigest: string;
  readonly signatures: readonly JwsSignature[];
  /** The link's JWS as a JSON value: what its own file would hold. */
  readonly jws: unknown;
}

/** The grant itself first, then its parent, and so on up to what operators signed. */
export type GrantChain = readonly [GrantLink, ...GrantLink[]];

export type ParsedGrantFile =
  { readonly kind: "parsed"; readonly links: GrantChain } | RefusedGrantFile;

interface RefusedGrantFile {
  readonly kind: "refused";
  readonly failure: GrantFailure;
}

/** A child's file carries its parents, nearest first: it can be verified with a trust list alone. */
const chainedFileSchema = z.strictObject({
  grant: z.unknown(),
  parents: z.array(z.unknown()).min(1),
});

/**
 * Reads a grant's file: a JWS in general JSON serialization, or `{grant, parents}` of such; canonical
 * JSON, give or take a final newline. What could be read in two ways is refused. Verifies nothing.
 */
export function parseGrantFile(file: Uint8Array): ParsedGrantFile {
  if (file.byteLength > maxGrantBytes)
    return refusedAt(
      "malformed",
      { stage: 1, link: 0 },
      `The file has ${file.byteLength} bytes; at most ${maxGrantBytes} are read.`,
    );
  const body = file.at(-1) === 0x0a ? file.subarray(0, -1) : file;
  const json = parseStrictJsonBytes(body);
  if (json.kind === "refused")
    return refusedAt("malformed", { stage: 2, link: 0 }, `The file is not sound: ${json.message}.`);
  if (!isCanonical(json.value, body))
    return refusedAt("noncanonical", { stage: 2, link: 0 }, "The file is not canonical JSON.");
  const chained = chainedFileSchema.safeParse(json.value);
  return parseLinks(chained.success ? [chained.data.grant, ...chained.data.parents] : [json.value]);
}

/** The file of a grant that operators signed, or of a child with its parents. */
export function renderGrantFile(tokens: readonly [unknown, ...unknown[]]): Uint8Array {
  const [grant, ...parents] = tokens;
  const document = parents.length === 0 ? grant : { grant, parents };
  return new TextEncoder().encode(`${canonicalJson(document)}\n`);
}

/** The JSON value of a token that was just made. */
export function tokenOf(jws: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(jws));
}

function parseLinks(tokens: readonly unknown[]): ParsedGrantFile {
  if (tokens.length > maxChainLength)
    return refusedAt(
      "chain_length",
      { stage: 7, link: maxChainLength },
      `The chain has ${tokens.length} links; at most ${maxChainLength} are allowed.`,
      { need: maxChainLength, have: tokens.length },
    );
  const links: GrantLink[] = [];
  for (const [index, jws] of tokens.entries()) {
    const link = parseLink(jws, index);
    if ("failure" in link) return link;
    links.push(link);
  }
  const [first, ...parents] = links;
  if (first === undefined)
    return refusedAt("malformed", { stage: 2, link: 0 }, "The file holds no grant.");
  return { kind: "parsed", links: [first, ...parents] };
}

function parseLink(jws: unknown, link: number): GrantLink | RefusedGrantFile {
  const parsed = parseJwsValue(jws, grantTokenType);
  if (parsed.kind === "refused") {
    const stage = parsed.reason === "algorithm" ? 3 : 2;
    return refusedAt(parsed.reason, { stage, link }, `The grant is not sound: ${parsed.message}.`);
  }
  const grant = grantSchema.safeParse(parsed.value);
  if (!grant.success)
    return refusedAt(
      "malformed",
      { stage: 2, link },
      `The grant is not valid: ${issueOf(grant.error)}.`,
    );
  const { payload, signatures } = parsed;
  return { grant: grant.data, payloadDigest: sha256(payload), signatures, jws };
}

function isCanonical(value: unknown, bytes: Uint8Array): boolean {
  return Buffer.from(canonicalJson(value), "utf8").equals(bytes);
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "unknown";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

function refusedAt(
  reason: GrantReason,
  place: { readonly stage: number; readonly link: number },
  message: string,
  facts?: GrantFailure["facts"],
): RefusedGrantFile {
  return { kind: "refused", failure: failureOf(reason, place, message, facts) };
}
