import { expect, test } from "vitest";
import { exampleSigner } from "./example-signers.ts";
import { parsePublicKeyFile, renderPublicKeyFile, sshBlobOf, sshKeyOf } from "./public-key-file.ts";
import { parseSignerChoice } from "./signer-choice.ts";

const { jwk, kid } = await exampleSigner(1);
const other = await exampleSigner(2);
const text = (value: unknown) => Buffer.from(JSON.stringify(value));

test("reads what it writes, for other machines", () => {
  const file = renderPublicKeyFile(jwk, "passphrase");
  expect(parsePublicKeyFile(file)).toEqual({ kind: "key", kid, jwk, protection: "passphrase" });
});

test("reads a bare JWK, and assumes no protection that nobody speaks of", () => {
  expect(parsePublicKeyFile(text(jwk))).toEqual({
    kind: "key",
    kid,
    jwk,
    protection: "unprotected",
  });
});

test("reads a line of an OpenSSH public key file", () => {
  const blob = Buffer.from(sshBlobOf(jwk)).toString("base64");
  expect(parsePublicKeyFile(Buffer.from(`ssh-ed25519 ${blob} somebody\n`))).toEqual({
    kind: "key",
    kid,
    jwk,
    protection: "ssh-agent",
  });
  expect(sshKeyOf(sshBlobOf(jwk))).toMatchObject({ kind: "key", jwk });
});

test.each([
  ["a private key", text({ ...jwk, d: "x" }), "it holds a private key"],
  ["a kid of another key", text({ ...jwk, kid: other.kid }), "it says kid"],
  ["a weak key", text({ ...jwk, x: "A".repeat(43) }), "its key is not safe to use"],
  ["another type of key", text({ kty: "RSA", n: "x", e: "AQAB" }), "it is neither"],
  ["a cut ssh key", Buffer.from("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== x"), "its key is not"],
  ["another ssh key", Buffer.from("ssh-rsa AAAA x"), "it is not JSON"],
  ["nothing", Buffer.alloc(0), "it is not JSON"],
])("refuses %s", (_name, bytes, message) => {
  const parsed = parsePublicKeyFile(bytes);
  expect(parsed.kind === "refused" ? parsed.message : "").toContain(message);
});

test("understands the texts that name a signer", () => {
  const fingerprint = "xmFuvBY0t4v1pTPxpUxxGqNA6LM7jzSDoRr1Db1ZjBI";
  expect(parseSignerChoice(undefined)).toEqual({});
  expect(parseSignerChoice(kid)).toEqual({ kid });
  const sshAgent = `SHA256:${fingerprint}`;
  expect(parseSignerChoice(`ssh-agent:${sshAgent}`)).toEqual({ sshAgent });
  expect(parseSignerChoice(`ssh-agent:${fingerprint}`)).toEqual({ sshAgent });
  for (const wrong of ["", "owner", "../x", "ssh-agent:", "ssh-agent:MD5:aa", `${kid}x`])
    expect(() => parseSignerChoice(wrong)).toThrow("names no key");
});
