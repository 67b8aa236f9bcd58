import { z } from "zod";
import { fromBase64Url, toBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { parseStrictJsonBytes } from "../../kernel/strict-json.ts";
import { GovernanceError } from "../errors.ts";
import { signatureBytes } from "./public-key.ts";
import { kidSchema } from "./trust.ts";
import type { Signer } from "./signer.port.ts";

/** As many as any quorum asks for. */
export const maxSignatures = 16;
const algorithm = "EdDSA";

const tokenSchema = z.strictObject({
  payload: z.string(),
  signatures: z
    .array(z.strictObject({ protected: z.string(), signature: z.string() }))
    .min(1)
    .max(maxSignatures),
});

/** Nothing but these: no `crit`, no embedded keys, no addresses of keys. */
const headerSchema = z.strictObject({ alg: z.string(), kid: kidSchema, typ: z.string() });

export interface JwsSignature {
  readonly kid: string;
  /** What was signed. */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

export type ParsedJws =
  | {
      readonly kind: "parsed";
      readonly payload: Uint8Array;
      /** The payload's JSON. */
      readonly value: unknown;
      readonly signatures: readonly JwsSignature[];
    }
  | JwsRefusal;

export interface JwsRefusal {
  readonly kind: "refused";
  readonly reason: "malformed" | "noncanonical" | "algorithm";
  /** One clause: "a signature is not 64 bytes". */
  readonly message: string;
}

export interface JwsLimits {
  /** The `typ` that each header must have: a token of one kind is never taken for another. */
  readonly type: string;
  readonly maxBytes: number;
}

/**
 * A JWS in general JSON serialization (RFC 7515, section 7.2.1) over canonical JSON with whole
 * numbers, signed with EdDSA (RFC 8037); itself canonical JSON. Checks no signature. There is one
 * spelling of each token, give or take a final newline. Throws nothing.
 */
export function parseJws(bytes: Uint8Array, limits: JwsLimits): ParsedJws {
  if (bytes.length > limits.maxBytes)
    return refused("malformed", `it has more than ${limits.maxBytes} bytes`);
  const body = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  const json = canonicalValue(body, "the token");
  return json.kind === "refused" ? json : parseJwsValue(json.value, limits.type);
}

/** The same for a token that is part of JSON whose canonical form was checked already. */
export function parseJwsValue(value: unknown, type: string): ParsedJws {
  const token = tokenSchema.safeParse(value);
  if (!token.success) return refused("malformed", "it is not a JWS in general JSON serialization");
  const payload = fromBase64Url(token.data.payload);
  if (payload === undefined) return refused("noncanonical", "the payload is not base64url");
  const content = canonicalValue(payload, "the payload");
  if (content.kind === "refused") return content;
  const signatures: JwsSignature[] = [];
  for (const one of token.data.signatures) {
    const parsed = parseSignature(one, token.data.payload, type);
    if ("kind" in parsed) return parsed;
    signatures.push(parsed);
  }
  return { kind: "parsed", payload, value: content.value, signatures };
}

/**
 * Signs `payload` (canonical JSON) with every signer, in order. Throws AUTOSD-PREAUTH-KEYS when one
 * of them cannot.
 */
export async function signJws(
  payload: Uint8Array,
  type: string,
  signers: readonly Signer[],
): Promise<Uint8Array> {
  const encoded = toBase64Url(payload);
  const signatures: EncodedSignature[] = [];
  for (const signer of signers) signatures.push(await signatureBy(signer, encoded, type));
  return write({ payload: encoded, signatures });
}

/**
 * The token with one signature more, of the type that it has. Throws AUTOSD-PREAUTH-INPUT when
 * `file` is not a token, has as many signatures as can be, or is signed by this key already.
 */
export async function addSignature(file: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const json = parseStrictJsonBytes(file);
  const token = tokenSchema.safeParse(json.kind === "value" ? json.value : undefined);
  const type = token.success ? typeOf(token.data.signatures[0]?.protected ?? "") : undefined;
  if (!token.success || type === undefined) throw unsignable("It is not a signed file of autosd.");
  const parsed = parseJws(file, { type, maxBytes: file.length });
  if (parsed.kind === "refused") throw unsignable(`It cannot be signed: ${parsed.message}.`);
  if (parsed.signatures.some((one) => one.kid === signer.kid))
    throw unsignable(`It is signed with key ${signer.kid} already.`);
  if (parsed.signatures.length >= maxSignatures)
    throw unsignable(`It has ${maxSignatures} signatures already.`);
  const added = await signatureBy(signer, token.data.payload, type);
  return write({ ...token.data, signatures: [...token.data.signatures, added] });
}

type EncodedSignature = z.infer<typeof tokenSchema>["signatures"][number];

async function signatureBy(
  signer: Signer,
  payload: string,
  type: string,
): Promise<EncodedSignature> {
  const header = canonicalJson({ alg: algorithm, kid: signer.kid, typ: type });
  const encoded = toBase64Url(Buffer.from(header, "utf8"));
  const signature = await signer.sign(signingInput(encoded, payload));
  return { protected: encoded, signature: toBase64Url(signature) };
}

function write(token: z.infer<typeof tokenSchema>): Uint8Array {
  return new Uint8Array(Buffer.from(canonicalJson(token), "utf8"));
}

function parseSignature(
  one: EncodedSignature,
  payload: string,
  type: string,
): JwsSignature | JwsRefusal {
  const headerBytes = fromBase64Url(one.protected);
  const signature = fromBase64Url(one.signature);
  if (headerBytes === undefined || signature === undefined)
    return refused("noncanonical", "a signature or its header is not base64url");
  const json = canonicalValue(headerBytes, "a header");
  if (json.kind === "refused") return json;
  const header = headerSchema.safeParse(json.value);
  if (!header.success) return refused("malformed", "a header is not exactly alg, kid and typ");
  if (header.data.alg !== algorithm) return refused("algorithm", `a header's alg is not EdDSA`);
  if (header.data.typ !== type) return refused("malformed", `a header's typ is not ${type}`);
  if (signature.length !== signatureBytes)
    return refused("malformed", `a signature is not ${signatureBytes} bytes`);
  return { kid: header.data.kid, signingInput: signingInput(one.protected, payload), signature };
}

function signingInput(header: string, payload: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${header}.${payload}`, "ascii"));
}

function typeOf(encodedHeader: string): string | undefined {
  const bytes = fromBase64Url(encodedHeader);
  const json = bytes === undefined ? undefined : parseStrictJsonBytes(bytes);
  const header = headerSchema.safeParse(json?.kind === "value" ? json.value : undefined);
  return header.success ? header.data.typ : undefined;
}

type CanonicalValue = { readonly kind: "value"; readonly value: unknown } | JwsRefusal;

/** JSON that is its own canonical form, byte for byte, and whose numbers are whole. */
function canonicalValue(bytes: Uint8Array, what: string): CanonicalValue {
  const json = parseStrictJsonBytes(bytes);
  if (json.kind === "refused") return refused("malformed", `${what}: ${json.message}`);
  if (!hasWholeNumbersOnly(json.value))
    return refused("malformed", `${what} holds a number that is not whole or too large`);
  const canonical = Buffer.from(canonicalJson(json.value), "utf8");
  if (!canonical.equals(bytes)) return refused("noncanonical", `${what} is not canonical JSON`);
  return json;
}

/** Depth is bounded by the parser. */
function hasWholeNumbersOnly(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(hasWholeNumbersOnly);
}

function refused(reason: JwsRefusal["reason"], message: string): JwsRefusal {
  return { kind: "refused", reason, message };
}

function unsignable(message: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-INPUT", message);
}
