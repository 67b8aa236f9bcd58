import { z } from "zod";
import { fromBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { parseStrictJsonBytes } from "../../kernel/strict-json.ts";
import { kidOf, type ParsedPublicJwk, parsePublicJwk, publicJwkOf } from "./public-key.ts";
import type { KeyProtection, PublicJwk } from "./signer.port.ts";
import { kidSchema, publicJwkSchema } from "./trust.ts";

export const maxPublicKeyFileBytes = 16 * 1024;
const sshType = "ssh-ed25519";

const fileSchema = publicJwkSchema.extend({
  kid: kidSchema.optional(),
  alg: z.literal("EdDSA").optional(),
  use: z.literal("sig").optional(),
  protection: z.enum(["passphrase", "ssh-agent", "unprotected"]).optional(),
});

export type PublicKeyFile =
  | {
      readonly kind: "key";
      readonly kid: string;
      readonly jwk: PublicJwk;
      /** As its owner says; a file that says nothing is not assumed to be protected. */
      readonly protection: KeyProtection;
    }
  /** One clause. */
  | { readonly kind: "refused"; readonly message: string };

/** A JWK, as `renderPublicKeyFile` writes it, or one line of an OpenSSH public key file. */
export function parsePublicKeyFile(bytes: Uint8Array): PublicKeyFile {
  const words = Buffer.from(bytes).toString("latin1").trim().split(/\s+/);
  if (words[0] === sshType)
    return keyOr(sshKeyOf(Buffer.from(words[1] ?? "", "base64")), undefined, "ssh-agent");
  const json = parseStrictJsonBytes(bytes);
  if (json.kind === "refused") return refused(json.message);
  if (typeof json.value === "object" && json.value !== null && "d" in json.value)
    return refused("it holds a private key, which must not leave its machine");
  const file = fileSchema.safeParse(json.value);
  if (!file.success) return refused("it is neither an Ed25519 JWK nor an ssh-ed25519 key");
  const { kty, crv, x, kid, protection } = file.data;
  return keyOr(parsePublicJwk({ kty, crv, x }), kid, protection ?? "unprotected");
}

/** What other machines need of a key to trust it. */
export function renderPublicKeyFile(jwk: PublicJwk, protection: KeyProtection): Uint8Array {
  const file = { ...jwk, kid: kidOf(jwk), protection };
  return new Uint8Array(Buffer.from(`${canonicalJson(file)}\n`, "utf8"));
}

/** The key of an OpenSSH key blob: two length-prefixed strings, the type and 32 bytes. */
export function sshKeyOf(blob: Uint8Array): ParsedPublicJwk {
  const buffer = Buffer.from(blob);
  const head = Buffer.alloc(4 + sshType.length + 4);
  head.writeUInt32BE(sshType.length, 0);
  head.write(sshType, 4, "ascii");
  head.writeUInt32BE(32, 4 + sshType.length);
  if (buffer.length !== head.length + 32 || !buffer.subarray(0, head.length).equals(head))
    return { kind: "refused", reason: "malformed" };
  return publicJwkOf(buffer.subarray(head.length));
}

/** The OpenSSH key blob of a key. */
export function sshBlobOf(jwk: PublicJwk): Uint8Array {
  const raw = fromBase64Url(jwk.x) ?? new Uint8Array();
  const parts = [Buffer.from(sshType, "ascii"), Buffer.from(raw)];
  return new Uint8Array(
    Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(part.length, 0);
        return [length, part];
      }),
    ),
  );
}

function keyOr(
  parsed: ParsedPublicJwk,
  kid: string | undefined,
  protection: KeyProtection,
): PublicKeyFile {
  if (parsed.kind === "refused")
    return refused(
      parsed.reason === "key_weak" ? "its key is not safe to use" : "its key is not Ed25519",
    );
  const own = kidOf(parsed.jwk);
  if (kid !== undefined && kid !== own) return refused(`it says kid ${kid}, but its key is ${own}`);
  return { kind: "key", kid: own, jwk: parsed.jwk, protection };
}

function refused(message: string): PublicKeyFile {
  return { kind: "refused", message };
}
