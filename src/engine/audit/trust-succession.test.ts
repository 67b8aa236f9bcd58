import { expect, test } from "vitest";
import { createMemoryAuditLog } from "../../adapters/governance/memory-audit-log.ts";
import type { LogVerification } from "../../governance/audit/log-verification.ts";
import { exampleSigner } from "../../governance/keys/example-signers.ts";
import { handOver } from "../../governance/keys/recorded-trust.ts";
import type { Signer } from "../../governance/keys/signer.port.ts";
import { trustDigest, trustedKeyOf, withReplacedKey } from "../../governance/keys/trust-list.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { trustEntry } from "../preauth/trust-record.ts";
import { withSuccession } from "./trust-succession.ts";

const [first, second, stranger] = [
  await exampleSigner(1),
  await exampleSigner(2),
  await exampleSigner(3),
];
const one = listOf(first, 1);
const two = await handOver(withReplacedKey(one, first.kid, second, 1), first, trustDigest(one));

function listOf(signer: Signer, version: number): TrustList {
  const keys = [trustedKeyOf(signer, "owner", ["operator"], null)];
  return { v: 1, origin: "autosd/test", genesis: "autosd/test+00+AA", version, keys };
}

async function verify(entries: readonly (readonly [TrustList, string])[], inUse?: TrustList) {
  const log = createMemoryAuditLog({ clock: { now: () => 5_000, monotonicMs: () => 0 } });
  const append = entries.map(([trust, action]) =>
    trustEntry("owner", { trust, digest: trustDigest(trust) }, action),
  );
  await log.transact(async () => ({ append, value: undefined }));
  const verified = {
    ...{ size: entries.length, failures: [], established: [], notEstablished: ["other"] },
  } as unknown as LogVerification;
  const opened =
    inUse === undefined
      ? undefined
      : { kind: "trusted" as const, trust: inUse, digest: trustDigest(inUse), signers: [] };
  return withSuccession(verified, log, opened);
}

test("lists that were handed over are established", async () => {
  const { failures, established, notEstablished } = await verify(
    [
      [one, "init"],
      [two, "rotate"],
    ],
    two,
  );
  expect([failures, notEstablished]).toEqual([[], ["other"]]);
  expect(established).toEqual([expect.stringMatching(/Each of 1 changes of the trust list/)]);
});

test("a list that nobody of the one before signed is named as not established", async () => {
  const seized = listOf(stranger, 2);
  const { failures, notEstablished } = await verify(
    [
      [one, "init"],
      [seized, "recover"],
    ],
    seized,
  );
  expect(failures).toEqual([]);
  expect(notEstablished).toEqual(["other", expect.stringMatching(/entry 1 .* recovered without/)]);
});

test("a list that nobody handed over, and that does not say so, is a failure and stays without effect", async () => {
  const seized = listOf(stranger, 2);
  const forged = await verify(
    [
      [one, "init"],
      [seized, "rotate"],
      [two, "rotate"],
    ],
    two,
  );
  expect(forged.failures).toMatchObject([{ part: "statement", seq: 1 }]);
  expect(forged.failures[0]?.message).toMatch(/no operator of the list before/);
  const inUse = await verify([[one, "init"]], seized);
  expect(inUse.failures.map(({ message }) => message)).toEqual([
    expect.stringMatching(/not the one that was signed last/),
  ]);
});
