import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { resolve } from "node:path";
import { z } from "zod";
import { GovernanceError } from "../../governance/errors.ts";
import type { DelegationKeys } from "../../governance/grants/delegation-keys.port.ts";
import { kidOf, parsePublicJwk } from "../../governance/keys/public-key.ts";
import type { PublicJwk, Signer } from "../../governance/keys/signer.port.ts";
import { hasCode } from "../../machine/error-code.ts";
import { writeNewFile } from "../../machine/whole-file.ts";
import { readPrivateFile } from "./private-files.ts";

const maxKeyBytes = 4 * 1024;

const privateJwkSchema = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  d: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** Private keys as JWK in files of mode 0600; relative paths start in `cwd`. */
export function createDelegationKeys(cwd: string): DelegationKeys {
  return {
    create: async (path) => {
      const { privateKey } = generateKeyPairSync("ed25519");
      const jwk = privateJwkSchema.parse(privateKey.export({ format: "jwk" }));
      await createFile(resolve(cwd, path), `${JSON.stringify(jwk)}\n`);
      const { kty, crv, x } = jwk;
      return { kty, crv, x };
    },
    signer: (path) => readSigner(resolve(cwd, path)),
  };
}

async function readSigner(path: string): Promise<Signer> {
  const bytes = await readPrivateFile(path, { maxBytes: maxKeyBytes, secrecy: "secret" });
  if (bytes === undefined) throw input(path, "there is no such file");
  const jwk = parseKey(bytes);
  if (jwk === undefined) throw input(path, "it holds no delegation key");
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const derived = createPublicKey(key).export({ format: "jwk" });
  const published = parsePublicJwk({ kty: jwk.kty, crv: jwk.crv, x: jwk.x });
  // A public half of another key would sign what nobody can verify.
  if (derived.x !== jwk.x || published.kind === "refused") throw input(path, "it is damaged");
  const publicJwk: PublicJwk = published.jwk;
  return {
    kid: kidOf(publicJwk),
    jwk: publicJwk,
    protection: "unprotected",
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}

function parseKey(bytes: Uint8Array): z.infer<typeof privateJwkSchema> | undefined {
  try {
    return privateJwkSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}

/** Never over what is there: it may be somebody's key. */
async function createFile(path: string, text: string): Promise<void> {
  try {
    await writeNewFile(path, text, { mode: 0o600, sync: "content-and-name" });
  } catch (error) {
    throw input(path, reasonOf(error), error);
  }
}

function input(path: string, finding: string, cause?: unknown): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-INPUT", `${path}: ${finding}.`, {
    remedy: `ls -l ${path}`,
    cause,
  });
}

function reasonOf(error: unknown): string {
  if (hasCode(error, "EEXIST", "ELOOP")) return "there is something already";
  if (hasCode(error, "ENOENT")) return "there is no such folder";
  return error instanceof Error ? error.message : "it cannot be written";
}
