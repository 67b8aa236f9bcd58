import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { calculateJwkThumbprint } from "jose";
import { expect, test } from "vitest";
import { toBase64Url } from "../../kernel/base64url.ts";
import { kidOf, parsePublicJwk, publicJwkOf, verifySignature } from "./public-key.ts";

/** RFC 8037, appendix A. */
const rfcKey = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
} as const;
const rfcSecret = Buffer.from("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "base64url");
const rfcInput = Buffer.from("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", "ascii");
const rfcSignature = Buffer.from(
  "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
  "base64url",
);
const prime = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

function littleEndian(number: bigint): Uint8Array {
  const bytes = Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
  return new Uint8Array(bytes);
}

test("gives the thumbprint of RFC 8037 A.3, as other implementations do", async () => {
  expect(kidOf(rfcKey)).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  for (let seed = 1; seed < 20; seed += 1) {
    const x = toBase64Url(ed25519.getPublicKey(new Uint8Array(32).fill(seed)));
    expect(kidOf({ ...rfcKey, x })).toBe(await calculateJwkThumbprint({ ...rfcKey, x }));
  }
});

test("verifies the signature of RFC 8037 A.4 and no other length of it", () => {
  expect(verifySignature(rfcKey, rfcInput, rfcSignature)).toBe(true);
  expect(verifySignature(rfcKey, rfcInput, rfcSignature.subarray(0, 63))).toBe(false);
  expect(verifySignature(rfcKey, rfcInput, Buffer.concat([rfcSignature, Buffer.alloc(1)]))).toBe(
    false,
  );
  expect(verifySignature(rfcKey, rfcInput, Buffer.alloc(0))).toBe(false);
});

test("agrees with another implementation about signatures, good ones and changed ones", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(511),
      (secret, message, bit) => {
        const jwk = { ...rfcKey, x: toBase64Url(ed25519.getPublicKey(secret)) };
        const signature = ed25519.sign(message, secret);
        expect(verifySignature(jwk, message, signature)).toBe(true);
        const changed = Uint8Array.from(signature);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifySignature(jwk, message, changed)).toBe(false);
      },
    ),
    { numRuns: 40 },
  );
});

test("refuses the second signature that can be made of a first one: S + L", () => {
  const s = BigInt(`0x${Buffer.from(rfcSignature.subarray(32)).reverse().toString("hex")}`);
  const second = Buffer.concat([rfcSignature.subarray(0, 32), littleEndian(s + order)]);
  expect(verifySignature(rfcKey, rfcInput, second)).toBe(false);
});

/** The eight points that another implementation calls small, by their encodings. */
const smallPoints = (() => {
  const torsion = ed25519.Point.fromHex(
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  );
  return Array.from({ length: 8 }, (_, index) =>
    index === 0 ? ed25519.Point.ZERO : torsion.multiplyUnsafe(BigInt(index)),
  );
})();

test("refuses all eight keys of low order", () => {
  const encodings = new Set(smallPoints.map((point) => point.toHex()));
  expect(encodings.size).toBe(8);
  for (const point of smallPoints) {
    expect(point.isSmallOrder()).toBe(true);
    expect(publicJwkOf(point.toBytes())).toEqual({ kind: "refused", reason: "key_weak" });
  }
});

test("refuses a signature that every message has under a key of low order", () => {
  const weak = { ...rfcKey, x: toBase64Url(ed25519.Point.ZERO.toBytes()) };
  const universal = Buffer.concat([ed25519.Point.ZERO.toBytes(), Buffer.alloc(32)]);
  // Without this rule it would be genuine.
  expect(ed25519.verify(universal, rfcInput, ed25519.Point.ZERO.toBytes())).toBe(true);
  expect(verifySignature(weak, rfcInput, universal)).toBe(false);
});

test("refuses every spelling of a y that is not below the prime, whatever the sign of x", () => {
  for (let y = prime; y < 2n ** 255n; y += 1n)
    for (const sign of [0n, 2n ** 255n])
      expect(publicJwkOf(littleEndian(y + sign))).toEqual({ kind: "refused", reason: "key_weak" });
});

test("refuses the points without an x under either sign of it", () => {
  for (const y of [1n, prime - 1n])
    for (const sign of [0n, 2n ** 255n])
      expect(publicJwkOf(littleEndian(y + sign))).toEqual({ kind: "refused", reason: "key_weak" });
});

test("verifies with a key of each kind only, also after it verified with many others", () => {
  const bytes = Buffer.from("one text");
  for (let seed = 1; seed < 150; seed += 1) {
    const secret = new Uint8Array(32).fill(seed);
    const x = toBase64Url(ed25519.getPublicKey(secret));
    const signature = ed25519.sign(bytes, secret);
    expect(verifySignature({ ...rfcKey, x }, bytes, signature)).toBe(true);
    expect(verifySignature(rfcKey, bytes, signature)).toBe(false);
    const foreign = { ...rfcKey, x, crv: "X25519" } as unknown as typeof rfcKey;
    expect(verifySignature(foreign, bytes, signature)).toBe(false);
  }
  expect(verifySignature(rfcKey, rfcInput, rfcSignature)).toBe(true);
});

test("takes any key of full order", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret) => {
      const raw = ed25519.getPublicKey(secret);
      expect(publicJwkOf(raw)).toEqual({
        kind: "key",
        jwk: { kty: "OKP", crv: "Ed25519", x: toBase64Url(raw) },
        raw,
      });
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["another curve", { ...rfcKey, crv: "X25519" }],
  ["another type", { ...rfcKey, kty: "EC" }],
  ["a private half", { ...rfcKey, d: rfcSecret.toString("base64url") }],
  ["padding", { ...rfcKey, x: `${rfcKey.x}=` }],
  ["a second spelling of its last character", { ...rfcKey, x: `${rfcKey.x.slice(0, -1)}p` }],
  ["31 bytes", { ...rfcKey, x: toBase64Url(new Uint8Array(31).fill(9)) }],
  ["nothing", undefined],
  ["a text", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
])("refuses a key with %s", (_name, value) => {
  expect(parsePublicJwk(value)).toEqual({ kind: "refused", reason: "malformed" });
});
