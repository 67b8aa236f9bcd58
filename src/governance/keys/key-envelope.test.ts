import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { countingEntropy } from "./example-signers.ts";
import { createSealedKey, describeEnvelope, openSealedKey } from "./key-envelope.ts";
import { kidOf, verifySignature } from "./public-key.ts";

const passphrase = "correct horse";
const sealed = await createSealedKey(countingEntropy(1), passphrase, 1_700_000_000_999);
const plain = await createSealedKey(countingEntropy(1), undefined, 0);
const message = Buffer.from("message");

type Members = Record<string, unknown>;

function changed(envelope: Uint8Array, change: (members: Members) => void): Uint8Array {
  const members = JSON.parse(Buffer.from(envelope).toString("utf8")) as Members;
  change(members);
  return new Uint8Array(Buffer.from(canonicalJson(members), "utf8"));
}

test("opens to the key that was sealed, with the passphrase only", async () => {
  const opened = await openSealedKey(sealed.envelope, passphrase);
  if (opened.kind === "refused") throw new Error(opened.reason);
  const { kid, jwk, protection } = opened.signer;
  expect({ kid, jwk, protection }).toEqual({
    kid: kidOf(sealed.signer.jwk),
    jwk: sealed.signer.jwk,
    protection: "passphrase",
  });
  expect(verifySignature(jwk, message, await opened.signer.sign(message))).toBe(true);
  expect(await openSealedKey(sealed.envelope, "correct hors")).toEqual({
    kind: "refused",
    reason: "locked",
  });
  expect(await openSealedKey(sealed.envelope, undefined)).toEqual({
    kind: "refused",
    reason: "passphrase_missing",
  });
});

test("takes a passphrase in either of the ways that Unicode spells it", async () => {
  const key = await createSealedKey(countingEntropy(2), "pa\u00dfw\u00f6rter", 0);
  const opened = await openSealedKey(key.envelope, "pa\u00dfwo\u0308rter".normalize("NFD"));
  expect(opened.kind).toBe("opened");
});

test("keeps no trace of the private key in a protected envelope", () => {
  const open = JSON.parse(Buffer.from(plain.envelope).toString("utf8")) as { seed: string };
  const text = Buffer.from(sealed.envelope).toString("utf8");
  expect(open.seed).toHaveLength(43);
  expect(text).not.toContain(open.seed);
  expect(sealed.signer.kid).toBe(plain.signer.kid);
});

test("tells what it is without being opened", () => {
  expect(describeEnvelope(sealed.envelope)).toEqual({
    kid: sealed.signer.kid,
    jwk: sealed.signer.jwk,
    protection: "passphrase",
  });
  expect(describeEnvelope(plain.envelope)?.protection).toBe("unprotected");
  expect(describeEnvelope(Buffer.from("{}"))).toBeUndefined();
});

test("refuses an envelope of which any one bit was changed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.envelope.length * 8 - 1), async (bit) => {
      const other = Uint8Array.from(sealed.envelope);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const opened = await openSealedKey(other, passphrase);
      expect(opened.kind).toBe("refused");
    }),
    { numRuns: 60 },
  );
});

test("authenticates what it says about itself", async () => {
  for (const change of [
    (members: Members) => (members["created"] = 1),
    (members: Members) => delete members["created"],
  ])
    expect(await openSealedKey(changed(sealed.envelope, change), passphrase)).toMatchObject({
      kind: "refused",
    });
});

test("opens no envelope with a cheaper derivation", () => {
  for (const kdf of [
    { n: 2 ** 14 },
    { n: 1 },
    { n: 2 ** 30 },
    { r: 1 },
    { p: 2 },
    { name: "none" },
  ]) {
    const cheap = changed(sealed.envelope, (members) => {
      members["kdf"] = { ...(members["kdf"] as object), ...kdf };
    });
    expect(describeEnvelope(cheap)).toBeUndefined();
  }
});

test("is not talked into taking a protected key for an open one, or for another's", async () => {
  const downgraded = changed(sealed.envelope, (members) => (members["protection"] = "unprotected"));
  expect(await openSealedKey(downgraded, undefined)).toMatchObject({ reason: "malformed" });
  const other = await createSealedKey(countingEntropy(9), undefined, 0);
  const mixed = changed(plain.envelope, (members) => {
    members["jwk"] = other.signer.jwk;
    members["kid"] = other.signer.kid;
  });
  expect(await openSealedKey(mixed, undefined)).toMatchObject({ reason: "malformed" });
  const renamed = changed(plain.envelope, (members) => (members["kid"] = other.signer.kid));
  expect(describeEnvelope(renamed)).toBeUndefined();
});
