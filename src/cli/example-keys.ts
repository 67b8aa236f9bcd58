import type { Autosd } from "../engine/autosd.ts";

const trustedKey = {
  kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
  jwk: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
  operator: "owner",
  roles: ["operator" as const],
  protection: "unprotected",
  notAfter: null,
  lastValidSeq: null,
} as const;

/** Answers about keys, for tests of how they are shown. */
export function keyAnswers(): Autosd["keys"] {
  const { kid, operator, protection } = trustedKey;
  const key = { ...trustedKey, roles: [...trustedKey.roles] };
  const log = { origin: "autosd/test", genesis: "autosd/test+00000000+AQ==" };
  return {
    init: async () => ({ kid, operator, protection, ...log, trustVersion: 1 }),
    rotate: async () => ({
      ...{ kid, operator, protection, trustVersion: 2 },
      retired: "oldkid",
      lastValidSeq: 7,
    }),
    replaceLost: async ({ operator }) => ({
      ...{ kid, operator, protection: "unprotected", ...log },
      ...{ trustVersion: 3, lost: ["l".repeat(43)] },
    }),
    trustList: async () => ({
      ...{ version: 2, ...log, keys: [{ ...key, held: true }] },
      recoveries: [{ version: 2, at: 1_800_000_000 }],
    }),
    trustAdd: async (input) => ({ version: 3, key: { ...key, operator: input.operator } }),
    trustRemove: async () => ({ version: 3, key }),
    verifyFile: async () => ({
      ok: false,
      type: "grant",
      name: "the grant",
      established: [],
      failures: [{ reason: "signature", message: "The signature is not genuine." }],
      notEstablished: ["whether it was revoked"],
    }),
  };
}
