import fc from "fast-check";
import {
  exportJWK,
  type GeneralJWS,
  GeneralSign,
  generalVerify,
  generateKeyPair,
  importJWK,
} from "jose";
import { expect, test } from "vitest";
import { toBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { exampleSigner } from "./example-signers.ts";
import { addSignature, maxSignatures, parseJws, signJws } from "./jws.ts";
import { verifySignature } from "./public-key.ts";
import type { Signer } from "./signer.port.ts";

const type = "autosd-test+jws";
const limits = { type, maxBytes: 64 * 1024 };
const utf8 = (text: string) => new Uint8Array(Buffer.from(text, "utf8"));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
const payload = utf8('{"a":1,"b":["c"]}');
const first = await exampleSigner(1);
const second = await exampleSigner(2);

/** What a verifier does with a token: parse it, then check each signature. */
function holds(bytes: Uint8Array, keys: readonly Signer[]): boolean {
  const parsed = parseJws(bytes, limits);
  if (parsed.kind === "refused") return false;
  return parsed.signatures.every(({ kid, signingInput, signature }) => {
    const key = keys.find((one) => one.kid === kid);
    return key !== undefined && verifySignature(key.jwk, signingInput, signature);
  });
}

/** A token as somebody else might write it. */
function forged(parts: {
  readonly payload?: string;
  readonly header?: string;
  readonly signature?: Uint8Array;
  readonly members?: object;
  readonly signatureMembers?: object;
}): Uint8Array {
  const header = parts.header ?? canonicalJson({ alg: "EdDSA", kid: first.kid, typ: type });
  return utf8(
    canonicalJson({
      payload: toBase64Url(utf8(parts.payload ?? '{"a":1}')),
      signatures: [
        {
          protected: toBase64Url(utf8(header)),
          signature: toBase64Url(parts.signature ?? new Uint8Array(64)),
          ...parts.signatureMembers,
        },
      ],
      ...parts.members,
    }),
  );
}

test("gives back what was signed, by whom, and the JSON in it", async () => {
  const token = await signJws(payload, type, [first, second]);
  const parsed = parseJws(token, limits);
  expect(parsed).toMatchObject({ kind: "parsed", payload, value: { a: 1, b: ["c"] } });
  if (parsed.kind === "refused") return;
  expect(parsed.signatures.map((one) => one.kid)).toEqual([first.kid, second.kid]);
  expect(holds(token, [first, second])).toBe(true);
  expect(holds(token, [first])).toBe(false);
});

test("is verified by another implementation, each signature by itself", async () => {
  const token = JSON.parse(textOf(await signJws(payload, type, [first, second]))) as GeneralJWS;
  for (const [index, signer] of [first, second].entries()) {
    const own = { ...token, signatures: token.signatures.slice(index, index + 1) };
    const verified = await generalVerify(own, await importJWK({ ...signer.jwk }, "EdDSA"), {
      algorithms: ["EdDSA"],
    });
    expect(new Uint8Array(verified.payload)).toEqual(payload);
    expect(verified.protectedHeader).toEqual({ alg: "EdDSA", kid: signer.kid, typ: type });
  }
});

test("verifies what another implementation signed", async () => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { x = "" } = await exportJWK(publicKey);
  const sign = new GeneralSign(payload);
  sign.addSignature(privateKey).setProtectedHeader({ alg: "EdDSA", kid: first.kid, typ: type });
  // Its members stand in another order; only canonical JSON is taken.
  const theirs = await sign.sign();
  const parsed = parseJws(utf8(canonicalJson(JSON.parse(JSON.stringify(theirs)))), limits);
  if (parsed.kind === "refused") throw new Error(parsed.message);
  const [signature] = parsed.signatures;
  if (signature === undefined) throw new Error("there is no signature");
  const jwk = { kty: "OKP", crv: "Ed25519", x } as const;
  expect(verifySignature(jwk, signature.signingInput, signature.signature)).toBe(true);
});

test("refuses every change of one bit anywhere in a signed file", async () => {
  const token = await signJws(payload, type, [first, second]);
  let accepted = 0;
  for (let bit = 0; bit < token.length * 8; bit += 1) {
    const changed = Uint8Array.from(token);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (holds(changed, [first, second])) accepted += 1;
  }
  expect(accepted).toBe(0);
});

test("refuses every shorter and every extended file, but for a final newline", async () => {
  const token = await signJws(payload, type, [first]);
  for (let length = 0; length < token.length; length += 1)
    expect(parseJws(token.subarray(0, length), limits).kind).toBe("refused");
  const extended = (tail: string) => parseJws(utf8(`${textOf(token)}${tail}`), limits).kind;
  expect(extended("\n")).toBe("parsed");
  for (const tail of ["\n\n", " ", "\r\n", "\0", "{}"]) expect(extended(tail)).toBe("refused");
});

test.each([
  ["none", "none"],
  ["Ed25519", "Ed25519"],
  ["HS256", "HS256"],
  ["eddsa", "eddsa"],
])("refuses the algorithm %s", (_name, alg) => {
  const header = canonicalJson({ alg, kid: first.kid, typ: type });
  expect(parseJws(forged({ header }), limits)).toMatchObject({ reason: "algorithm" });
});

const kid = first.kid;
test.each([
  ["crit", { crit: ["exp"] }],
  ["an embedded key", { jwk: first.jwk }],
  ["an address of a key", { jku: "https://keys.example" }],
  ["b64", { b64: false }],
])("refuses a header with %s", (_name, members) => {
  const header = canonicalJson({ alg: "EdDSA", kid, typ: type, ...members });
  expect(parseJws(forged({ header }), limits)).toMatchObject({ reason: "malformed" });
});

test.each([
  ["a token of another kind", `{"alg":"EdDSA","kid":"${kid}","typ":"autosd-other+jws"}`],
  ["no kid", `{"alg":"EdDSA","typ":"${type}"}`],
  ["a kid that leads elsewhere", `{"alg":"EdDSA","kid":"../../x","typ":"${type}"}`],
  ["a member twice", `{"alg":"EdDSA","alg":"none","kid":"${kid}","typ":"${type}"}`],
  ["no object", `["EdDSA"]`],
])("refuses a header that is %s", (_name, header) => {
  expect(parseJws(forged({ header }), limits)).toMatchObject({ reason: "malformed" });
});

test.each([
  ["spaces", { payload: '{"a": 1}' }],
  ["members in another order", { payload: '{"b":1,"a":1}' }],
  ["a number written otherwise", { payload: '{"a":1.0}' }],
  ["an escape that is not needed", { payload: String.raw`{"a":"\u0062"}` }],
  ["a spaced header", { header: `{"alg": "EdDSA","kid":"${kid}","typ":"${type}"}` }],
])("refuses %s as not canonical", (_name, parts) => {
  expect(parseJws(forged(parts), limits)).toMatchObject({ reason: "noncanonical" });
});

test.each([
  ["a fraction", { payload: '{"a":0.5}' }],
  ["a number beyond 2^53", { payload: '{"a":9007199254740992}' }],
  ["a member named twice", { payload: '{"a":1,"a":1}' }],
  ["a payload that is not JSON", { payload: "a" }],
  ["an unprotected header", { signatureMembers: { header: { kid } } }],
  ["another member", { members: { extra: 1 } }],
  ["a flattened signature", { members: { signature: "AA" } }],
  ["no signature", { members: { signatures: [] } }],
  ["a short signature", { signature: new Uint8Array(63) }],
])("refuses %s as malformed", (_name, parts) => {
  expect(parseJws(forged(parts), limits)).toMatchObject({ reason: "malformed" });
});

test("refuses base64 that is spelled otherwise", async () => {
  const text = textOf(await signJws(payload, type, [first]));
  const token = JSON.parse(text) as { payload: string; signatures: { signature: string }[] };
  const at = token.signatures[0]?.signature ?? "";
  for (const other of [`${at}=`, `${at} `, at.replace(/.$/, "B")])
    expect(parseJws(utf8(text.replace(at, other)), limits)).toMatchObject({
      reason: "noncanonical",
    });
});

test("refuses more bytes than are allowed, and more signatures than count", async () => {
  const token = await signJws(payload, type, [first]);
  expect(parseJws(token, { type, maxBytes: token.length }).kind).toBe("parsed");
  expect(parseJws(token, { type, maxBytes: token.length - 1 }).kind).toBe("refused");
  const many = await Promise.all(
    Array.from({ length: maxSignatures + 1 }, (_, index) => exampleSigner(index)),
  );
  expect(parseJws(await signJws(payload, type, many), limits).kind).toBe("refused");
});

test("takes what it signs, whatever canonical JSON of whole numbers that is", async () => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: "grapheme" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      const bytes = utf8(canonicalJson(plain));
      const parsed = parseJws(await signJws(bytes, type, [first]), limits);
      expect(parsed).toMatchObject({ kind: "parsed", payload: bytes });
    }),
    { numRuns: 50 },
  );
});

test("adds a signature to a file without touching the others", async () => {
  const one = await signJws(payload, type, [first]);
  const two = await addSignature(one, second);
  expect(two).toEqual(await signJws(payload, type, [first, second]));
  expect(holds(two, [first, second])).toBe(true);
});

test("adds no second signature of one key, and none to what is no token", async () => {
  const one = await signJws(payload, type, [first]);
  for (const file of [one, utf8("{}"), utf8(""), one.subarray(1), utf8(` ${textOf(one)}`)])
    await expect(addSignature(file, first)).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
});
