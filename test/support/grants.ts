import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { PrivilegedAction } from "../../src/governance/grants/action.ts";
import { renderGrantFile, tokenOf } from "../../src/governance/grants/grant-file.ts";
import { type Grant, grantTokenType } from "../../src/governance/grants/grant.ts";
import type { GrantCheck } from "../../src/governance/grants/examine-grant.ts";
import type { LogFacts } from "../../src/governance/grants/log-facts.ts";
import { signJws } from "../../src/governance/keys/jws.ts";
import { kidOf } from "../../src/governance/keys/public-key.ts";
import type { PublicJwk, Signer } from "../../src/governance/keys/signer.port.ts";
import type { TrustedKey, TrustList } from "../../src/governance/keys/trust.ts";
import { canonicalJson } from "../../src/kernel/canonical-json.ts";
import { sha256 } from "../../src/kernel/hash.ts";

export const origin = "autosd/test";
export const nowS = 1_800_000_000;
export const commit = "3f2a1c9e0011223344556677889900aabbccddee";
export const jti = "grt_01ARZ3NDEKTSV4RRFFQ69G5FAV";
export const childJti = "grt_01BX5ZZKBKACTAV9WEVGEMMVRZ";

/** A key with its private half. */
export interface TestKey {
  readonly signer: Signer;
  readonly privateKey: KeyObject;
}

/** Kids of all keys that tests made: the log of `factsOf` records each as a signer of each grant. */
const testKids: string[] = [];

export function testKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  const jwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x };
  const kid = kidOf(jwk);
  testKids.push(kid);
  return {
    privateKey,
    signer: {
      kid,
      jwk,
      protection: "passphrase",
      sign: async (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
    },
  };
}

export function trusted(
  key: TestKey,
  operator: string,
  changes: Partial<TrustedKey> = {},
): TrustedKey {
  const { kid, jwk, protection } = key.signer;
  const roles: TrustedKey["roles"] = ["operator"];
  return { kid, jwk, operator, roles, protection, notAfter: null, lastValidSeq: null, ...changes };
}

export function trustList(...keys: TrustedKey[]): TrustList {
  return { v: 1, origin, genesis: "g", version: 1, keys };
}

/** A grant that allows `deployAction`. */
export function grantOf(changes: Partial<Grant> = {}): Grant {
  return {
    v: 1,
    jti,
    iss: "ana",
    sub: "agent:*",
    aud: `autosd:${origin}`,
    iat: nowS - 60,
    nbf: nowS - 60,
    exp: nowS + 3_600,
    authorization_details: [
      {
        type: "autosd/privileged",
        actions: ["deploy", "promote"],
        locations: ["my-project"],
        environments: ["dev", "staging"],
        targets: ["*"],
      },
    ],
    gates: ["tests"],
    budget: { uses: 5, spend_microusd: 1_000_000, min_interval_s: 0 },
    break_glass: false,
    reason: "",
    quorum: 1,
    bind: {},
    depth: 0,
    log: { origin, size: 5, root: "root-5" },
    ...changes,
  };
}

export const deployAction: PrivilegedAction = {
  action: "deploy",
  project: "my-project",
  environment: "staging",
  target: "process",
  commit,
  artifact: null,
  run: "run_1",
};

/** The JWS of any payload: what an attacker can sign too. */
export async function signed(payload: unknown, ...keys: TestKey[]): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(canonicalJson(payload));
  return signJws(
    bytes,
    grantTokenType,
    keys.map((key) => key.signer),
  );
}

/** The file of a grant with its parents, the grant first. */
export function fileOf(first: Uint8Array, ...parents: Uint8Array[]): Uint8Array {
  return renderGrantFile([tokenOf(first), ...parents.map(tokenOf)]);
}

export function payloadDigest(grant: Grant): string {
  return sha256(canonicalJson(grant));
}

/**
 * A log of ten entries in which both grants were issued after the fifth, signed by whoever signed
 * them, and the tests were green.
 */
export function factsOf(changes: Partial<LogFacts> = {}): LogFacts {
  const issuedAt = changes.issuedAt ?? ((id: string) => (id === jti ? 5 : 6));
  return {
    origin,
    size: 10,
    root: "root-10",
    lastTimeMs: (nowS - 30) * 1_000,
    rootAt: async (size) => (size <= 10 ? `root-${size}` : undefined),
    issuedAt,
    signersOf: (id) => {
      const seq = issuedAt(id);
      return seq === undefined ? [] : testKids.map((kid) => ({ kid, seq }));
    },
    isRevoked: () => false,
    revokedAt: () => undefined,
    recordedTrust: () => undefined,
    usageOf: () => ({ uses: 0, spendMicrousd: 0, lastReservedAtMs: undefined }),
    openReservationsOf: () => [],
    reservationOf: () => undefined,
    policyOf: () => undefined,
    claimedReleases: () => [],
    claimedReinstatements: () => [],
    gatesOf: async () => [{ name: "tests", ok: true, evidence: "sha256:e" }],
    haltOf: () => undefined,
    recordedHalt: () => undefined,
    ...changes,
  };
}

/** A check that passes when `file` is a grant of `grantOf` that a trusted key signed. */
export function checkOf(
  file: Uint8Array | undefined,
  trust: TrustList,
  changes: Partial<GrantCheck> = {},
): GrantCheck {
  return {
    jti,
    file,
    nowMs: nowS * 1_000,
    subject: "agent:autosd",
    action: deployAction,
    spendCeilingMicrousd: 0,
    trust,
    facts: factsOf(),
    revocationOf: async () => ({ kind: "none" }),
    requiredGates: [],
    minimumQuorum: 1,
    ...changes,
  };
}
