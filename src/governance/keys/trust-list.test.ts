import { expect, test } from "vitest";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { exampleSigner } from "./example-signers.ts";
import { signJws } from "./jws.ts";
import {
  handoverProblem,
  handOver,
  recordOf,
  refuseUnrecordedTrust,
  successionOf,
  withRecordedRecoveries,
} from "./recorded-trust.ts";
import type { Signer } from "./signer.port.ts";
import {
  openTrust,
  sealTrust,
  trustDigest,
  trustedKeyOf,
  trustTokenType,
  withKey,
  withoutKey,
  withReplacedKey,
} from "./trust-list.ts";
import { type TrustedKey, type TrustList, trustListSchema } from "./trust.ts";

const owner = await exampleSigner(1);
const second = await exampleSigner(2);
const agent = await exampleSigner(3);
const stranger = await exampleSigner(4);

function key(signer: Signer, operator: string, parts: Partial<TrustedKey> = {}): TrustedKey {
  return { ...trustedKeyOf(signer, operator, ["operator"], null), ...parts };
}

function list(keys: readonly TrustedKey[], version = 1): TrustList {
  const given = { v: 1, origin: "autosd/test", genesis: "autosd/test+00+AA", version, keys };
  return trustListSchema.parse(given);
}

const ownerOnly = list([key(owner, "owner")]);

async function opened(trust: TrustList, signers: readonly Signer[]) {
  const result = openTrust(await sealTrust(trust, signers));
  if (result.kind === "refused") throw new Error(result.message);
  return result;
}

test("is trusted when an operator of the list signed it", async () => {
  const result = await opened(ownerOnly, [owner]);
  expect(result).toMatchObject({ trust: ownerOnly, digest: trustDigest(ownerOnly) });
  expect(result.signers.map((one) => one.kid)).toEqual([owner.kid]);
});

test.each([
  ["somebody who is not in it", ownerOnly, [stranger]],
  ["an operator and somebody who is not in it", ownerOnly, [owner, stranger]],
  ["one key twice", ownerOnly, [owner, owner]],
  ["an agent only", list([key(owner, "owner"), key(agent, "bot", { roles: ["agent"] })]), [agent]],
  [
    "a retired key only",
    list([key(owner, "owner", { lastValidSeq: 4 }), key(second, "owner")]),
    [owner],
  ],
])("is refused when it is signed by %s", async (_name, trust, signers) => {
  expect(openTrust(await sealTrust(trust, signers))).toMatchObject({ reason: "signature" });
});

test("is refused when one of its signatures is not genuine", async () => {
  const both = list([key(owner, "owner"), key(second, "second")]);
  const posing: Signer = { ...second, sign: (bytes) => stranger.sign(bytes) };
  expect(openTrust(await sealTrust(both, [owner, posing]))).toMatchObject({ reason: "signature" });
});

test.each([
  ["a kid of another key", list([key(owner, "owner"), key(second, "x", { kid: stranger.kid })])],
  ["a key twice", list([key(owner, "owner"), key(owner, "second")])],
])("is refused with %s", async (_name, trust) => {
  expect(openTrust(await sealTrust(trust, [owner]))).toMatchObject({ reason: "malformed" });
});

test("is refused with a weak key in it", async () => {
  const weak = key(second, "second", { jwk: { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) } });
  const trust = list([key(owner, "owner"), weak]);
  expect(openTrust(await sealTrust(trust, [owner]))).toMatchObject({ reason: "key_weak" });
});

test("is refused with a member that nobody knows, or as a token of another kind", async () => {
  const bytes = (value: unknown) => new Uint8Array(Buffer.from(canonicalJson(value)));
  const extra = bytes({ ...ownerOnly, extra: 1 });
  expect(openTrust(await signJws(extra, trustTokenType, [owner])).kind).toBe("refused");
  const other = await signJws(bytes(ownerOnly), "autosd-grant+jws", [owner]);
  expect(openTrust(other).kind).toBe("refused");
  const fraction = bytes({ ...ownerOnly, version: 1.5 });
  expect(openTrust(await signJws(fraction, trustTokenType, [owner])).kind).toBe("refused");
});

test("grows by one version with each change", () => {
  const two = withKey(ownerOnly, key(second, "second"));
  expect(two).toMatchObject({ version: 2, keys: [{ kid: owner.kid }, { kid: second.kid }] });
  expect(withoutKey(two, owner.kid)).toMatchObject({ version: 3, keys: [{ kid: second.kid }] });
  expect(withReplacedKey(two, owner.kid, stranger, 7)).toMatchObject({
    version: 3,
    keys: [
      { kid: owner.kid, lastValidSeq: 7 },
      { kid: second.kid, lastValidSeq: null },
      { kid: stranger.kid, operator: "owner", roles: ["operator"], lastValidSeq: null },
    ],
  });
});

test("keeps its last operator", () => {
  const input = expect.objectContaining({ code: "AUTOSD-PREAUTH-INPUT" }) as Error;
  const refuses = (work: () => unknown) => expect(work).toThrow(input);
  refuses(() => withoutKey(ownerOnly, owner.kid));
  const withAgent = withKey(ownerOnly, key(agent, "bot", { roles: ["agent"] }));
  refuses(() => withoutKey(withAgent, owner.kid));
  const retired = list([key(owner, "owner", { lastValidSeq: 1 }), key(second, "second")]);
  refuses(() => withoutKey(retired, second.kid));
  refuses(() => withoutKey(ownerOnly, stranger.kid));
  refuses(() => withKey(ownerOnly, key(owner, "again")));
  refuses(() => withReplacedKey(retired, owner.kid, stranger, 9));
});

test("is believed when the log records it, and not when the log records another", async () => {
  const one = await opened(ownerOnly, [owner]);
  const other = await opened(list([key(stranger, "owner")]), [stranger]);
  refuseUnrecordedTrust(one, recordOf(one));
  refuseUnrecordedTrust(one, undefined);
  const store = expect.objectContaining({ code: "AUTOSD-PREAUTH-STORE" }) as Error;
  expect(() => refuseUnrecordedTrust(other, recordOf(one))).toThrow(store);
  const later = await opened(list([key(stranger, "owner")], 2), [stranger]);
  expect(() => refuseUnrecordedTrust(later, undefined)).toThrow(store);
});

test("is not believed when it is older than the record, or follows it without its operators", async () => {
  const store = expect.objectContaining({ code: "AUTOSD-PREAUTH-STORE" }) as Error;
  const one = await opened(ownerOnly, [owner]);
  const added = withKey(ownerOnly, key(second, "second"));
  const two = await opened(await handOver(added, owner, one.digest), [owner]);
  const silent = await opened(added, [owner]);
  const three = await opened({ ...two.trust, version: 3 }, [owner]);
  const seized = await opened(list([key(stranger, "owner")], 2), [stranger]);
  expect(() => refuseUnrecordedTrust(one, recordOf(two))).toThrow(store);
  expect(() => refuseUnrecordedTrust(three, recordOf(one))).toThrow(store);
  expect(() => refuseUnrecordedTrust(seized, recordOf(one))).toThrow(store);
  expect(() => refuseUnrecordedTrust(silent, recordOf(one))).toThrow(store);
  // A crash after the file and before the record.
  refuseUnrecordedTrust(two, recordOf(one));
});

test("is handed over by an operator of the list before, to this very list, and by nobody else", async () => {
  const one = await opened(ownerOnly, [owner]);
  const before = recordOf(one);
  const changed = withKey(ownerOnly, key(second, "second", { notAfter: 50 }));
  const two = await opened(await handOver(changed, owner, one.digest), [owner]);
  const good = recordOf(two);
  expect(two.digest).toBe(trustDigest(changed));
  expect(good.ends).toEqual([{ kid: second.kid, notAfter: 50 }]);
  expect(handoverProblem(before, good)).toBeUndefined();
  const { handover, ...silent } = good;
  if (handover === undefined) throw new Error("nobody handed over");
  const byStranger = await handOver(changed, stranger, one.digest);
  const lies = [
    silent,
    { ...good, operators: [...good.operators, stranger.kid] },
    { ...good, ends: [{ kid: second.kid, notAfter: 51 }] },
    { ...good, digest: one.digest },
    { ...good, version: 3 },
    recordOf({ trust: byStranger, digest: trustDigest(byStranger) }),
    { ...good, handover: { ...handover, kid: stranger.kid } },
    { ...good, handover: { ...handover, x: stranger.jwk.x } },
    { ...good, handover: { ...handover, from: two.digest } },
    { ...good, handover: { ...handover, signature: "A".repeat(86) } },
  ];
  for (const lie of lies) expect(handoverProblem(before, lie)).toBeTypeOf("string");
  expect(handoverProblem({ ...before, digest: two.digest }, good)).toBeTypeOf("string");
  // A later change does not carry the word for this one on.
  expect(withKey(two.trust, key(agent, "bot")).handover).toBeUndefined();
});

test("is handed over by no operator whose key had ended", async () => {
  const ending = await opened(list([key(owner, "owner", { notAfter: 50 })]), [owner]);
  const trust = await handOver(withKey(ending.trust, key(second, "second")), owner, ending.digest);
  const next = recordOf({ trust, digest: trustDigest(trust) });
  expect(handoverProblem(recordOf(ending), next, 50)).toBeUndefined();
  expect(handoverProblem(recordOf(ending), next, 51)).toMatch(/had ended/);
});

test("counts without a handover only as the first one, or as a recovery that says so", async () => {
  const one = recordOf(await opened(ownerOnly, [owner]));
  const seized = recordOf(await opened(list([key(stranger, "owner")], 2), [stranger]));
  const entry = { action: "rotate", atS: 7 };
  expect(successionOf(undefined, one, entry)).toEqual({ kind: "first" });
  expect(successionOf(one, seized, { ...entry, action: "recover" })).toEqual({ kind: "recovered" });
  expect(successionOf(one, seized, entry)).toMatchObject({ kind: "refused" });
  expect(successionOf(null, seized, entry)).toMatchObject({ kind: "refused" });
  const hidden = { recoveries: [{ version: 2, at: 7 }] };
  expect(withRecordedRecoveries(ownerOnly, hidden).recoveries).toEqual(hidden.recoveries);
});
