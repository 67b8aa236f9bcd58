import { describe, expect, test } from "vitest";
import {
  childJti,
  fileOf,
  grantOf,
  jti,
  nowS,
  origin,
  payloadDigest,
  signed,
  testKey,
  trusted,
  trustList,
} from "../../../test/support/grants.ts";
import { sealTrust } from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import type { KeyServices } from "./key-services.ts";
import { verifyFile } from "./verify-file.ts";

const ana = testKey();

async function verified(file: Uint8Array, trust: TrustList, atS = nowS) {
  const files = new Map([
    ["grant", file],
    ["trust", await sealTrust(trust, [ana.signer])],
  ]);
  const services: Pick<KeyServices, "keyring" | "files" | "clock"> = {
    keyring: {} as KeyServices["keyring"],
    files: { read: async (path) => files.get(path) ?? new Uint8Array() },
    clock: { now: () => atS * 1_000, monotonicMs: () => 0 },
  };
  return verifyFile(services, { file: "grant", trustFile: "trust" });
}

const reasonsOf = async (...of: Parameters<typeof verified>) => {
  const { ok, failures } = await verified(...of);
  expect(ok).toBe(failures.length === 0);
  return failures.map(({ reason }) => reason);
};

describe("a grant away from its log", () => {
  test("holds, and it is said what only the log knows", async () => {
    const file = fileOf(await signed(grantOf(), ana));
    const report = await verified(file, trustList(trusted(ana, "ana")));
    expect(report).toMatchObject({ ok: true, name: jti, failures: [] });
    expect(report.notEstablished).toContain("whether it was revoked");
  });

  test("shows every finding about its use at once, each link's", async () => {
    const agent = testKey();
    const log = { origin: "autosd/other", size: 5, root: "root-5" };
    const elsewhere = { log, aud: "autosd:autosd/other" };
    const parent = grantOf({ depth: 1, cnf: { jwk: agent.signer.jwk }, ...elsewhere });
    const child = grantOf({
      ...{ jti: childJti, iss: jti, parent: payloadDigest(parent), aud: elsewhere.aud },
    });
    const file = fileOf(await signed(child, agent), await signed(parent, ana));
    const trust = trustList(trusted(ana, "ana", { notAfter: nowS + 10 }));
    expect(await reasonsOf(file, trust, nowS + 7_200)).toEqual([
      ...["audience", "audience", "expired", "expired", "key_retired", "log_pin_fork"],
    ]);
    expect(await reasonsOf(file, trust)).toEqual(["audience", "audience", "log_pin_fork"]);
  });

  test("is refused before it begins, and when it lives longer than a break-glass grant may", async () => {
    const trust = trustList(trusted(ana, "ana"));
    const long = { break_glass: true, gates: [], iat: nowS - 60, exp: nowS + 7_200 };
    const file = fileOf(await signed(grantOf(long), ana));
    expect(await reasonsOf(file, trust)).toEqual(["lifetime_exceeded"]);
    expect(await reasonsOf(file, trust, nowS - 120)).toEqual(["not_yet", "lifetime_exceeded"]);
  });

  test("that is forged shows nothing but that", async () => {
    const file = fileOf(await signed(grantOf({ aud: "autosd:other" }), testKey()));
    const trust = { ...trustList(trusted(ana, "ana")), origin };
    expect(await reasonsOf(file, trust, nowS + 7_200)).toEqual(["key_unknown"]);
  });
});
