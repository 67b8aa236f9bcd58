import { sign } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import {
  checkOf,
  childJti,
  commit,
  deployAction,
  factsOf,
  fileOf,
  grantOf,
  jti,
  nowS,
  payloadDigest,
  signed,
  testKey,
  type TestKey,
  trusted,
  trustList,
} from "../../../test/support/grants.ts";
import { toBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { TrustList } from "../keys/trust.ts";
import { checkGrant } from "./check-grant.ts";
import type { GrantCheck } from "./examine-grant.ts";
import { type Grant, grantTokenType } from "./grant.ts";
import { maxGrantBytes } from "./grant-limits.ts";
import { grantReasons, type GrantReason } from "./reasons.ts";
import { VerifiedGrant } from "./verified-grant.ts";

const ana = testKey();
const ben = testKey();
const agent = testKey();
const agentsAgent = testKey();
const trust = trustList(trusted(ana, "ana"), trusted(ben, "ben"));
const seen = new Set<GrantReason>();

async function reasonsOf(check: GrantCheck): Promise<readonly GrantReason[]> {
  const checked = await checkGrant(check);
  if (checked.kind === "verified") return [];
  for (const failure of checked.failures) {
    seen.add(failure.reason);
    expect(failure.message).toMatch(/\.$/);
  }
  return checked.failures.map((one) => one.reason);
}

async function reasonsFor(
  changes: Partial<Grant>,
  check: Partial<GrantCheck> = {},
  keys: readonly TestKey[] = [ana],
): Promise<readonly GrantReason[]> {
  return reasonsOf(checkOf(await signed(grantOf(changes), ...keys), trust, check));
}

const parent = grantOf({ depth: 2, cnf: { jwk: agent.signer.jwk } });

function childOf(changes: Partial<Grant> = {}, of: Grant = parent): Grant {
  return grantOf({
    jti: childJti,
    iss: of.jti,
    parent: payloadDigest(of),
    depth: of.depth - 1,
    ...changes,
  });
}

async function childReasons(
  changes: Partial<Grant>,
  check: Partial<GrantCheck> = {},
  keys: readonly TestKey[] = [agent],
): Promise<readonly GrantReason[]> {
  const file = fileOf(await signed(childOf(changes), ...keys), await signed(parent, ana));
  return reasonsOf(checkOf(file, trust, { jti: childJti, ...check }));
}

describe("a grant that fits", () => {
  it("is verified for its action, with whatever the audit trail needs", async () => {
    const checked = await checkGrant(checkOf(await signed(grantOf(), ana), trust));
    expect(checked.kind).toBe("verified");
    if (checked.kind !== "verified") return;
    expect(VerifiedGrant.isGenuine(checked.grant)).toBe(true);
    expect(checked.grant).toMatchObject({
      action: deployAction,
      chain: [jti],
      kids: [ana.signer.kid],
      operators: ["ana"],
      unprotected: false,
      gates: [{ name: "tests", ok: true, evidence: "sha256:e" }],
    });
    expect(VerifiedGrant.isGenuine(Object.assign({}, checked.grant))).toBe(false);
    const copy: unknown = structuredClone(checked.grant);
    expect(VerifiedGrant.isGenuine(copy)).toBe(false);
  });

  it("cannot be made by hand", () => {
    const forge = (): unknown => Reflect.construct(VerifiedGrant, [Symbol("mint"), {}, {}]);
    expect(forge).toThrow(TypeError);
  });

  it("is verified with its parent, and every link is charged", async () => {
    const file = fileOf(await signed(childOf(), agent), await signed(parent, ana));
    const checked = await checkGrant(checkOf(file, trust, { jti: childJti }));
    expect(checked).toMatchObject({
      kind: "verified",
      grant: {
        chain: [childJti, jti],
        operators: ["ana"],
        kids: [agent.signer.kid, ana.signer.kid],
      },
    });
  });

  it("shows that an operator's key is unprotected", async () => {
    const weak = trustList(trusted(ana, "ana", { protection: "unprotected" }));
    const checked = await checkGrant(checkOf(await signed(grantOf(), ana), weak));
    expect(checked).toMatchObject({ kind: "verified", grant: { unprotected: true } });
  });
});

describe("structure (steps 1 to 3)", () => {
  it.each([
    "../../x",
    "grt_x",
    "grt_01ARZ3NDEKTSV4RRFFQ69G5FA\0",
    "grt_01ARZ3NDEKTSV4RRFFQ69G5FAⅤ",
    "",
  ])("refuses the id %j before it looks at anything", async (id) => {
    expect(await reasonsOf(checkOf(undefined, trust, { jti: id }))).toEqual(["malformed"]);
  });

  it("says that there is no such grant", async () => {
    expect(await reasonsOf(checkOf(undefined, trust))).toEqual(["not_found"]);
  });

  it("refuses the grant of another id, and more bytes than a grant can have", async () => {
    const file = await signed(grantOf(), ana);
    expect(await reasonsOf(checkOf(file, trust, { jti: childJti }))).toEqual(["malformed"]);
    const large = new Uint8Array(maxGrantBytes + 1).fill(0x20);
    expect(await reasonsOf(checkOf(large, trust))).toEqual(["malformed"]);
  });

  it.each([
    ["an unknown claim", { extra: 1 }],
    ["a claim named __proto__", JSON.parse('{"__proto__":{"v":1}}') as object],
    ["a missing claim", { budget: undefined }],
    ["another version", { v: 2 }],
    ["a fraction", { exp: nowS + 0.5 }],
    ["a negative budget", { budget: { uses: -1, spend_microusd: 0, min_interval_s: 0 } }],
    ["no entries", { authorization_details: [] }],
    ["gates waived without breaking glass", { waive: ["tests"] }],
    ["an id that is a path", { jti: "grt_../../../../../../etc/pas" }],
  ])("refuses %s, whoever signed it", async (_name, change) => {
    const payload = Object.assign(Object.create(null) as object, grantOf());
    for (const [key, value] of Object.entries(change))
      Object.defineProperty(payload, key, { value, enumerable: true });
    expect(await reasonsOf(checkOf(await signed(payload, ana), trust))).toEqual(["malformed"]);
  });

  it("refuses an unknown member, a duplicate member and other spellings of the file", async () => {
    const text = new TextDecoder().decode(await signed(grantOf(), ana));
    const encode = (one: string) => new TextEncoder().encode(one);
    const spellings: readonly (readonly [string, GrantReason])[] = [
      [text.replace("{", "{ "), "noncanonical"],
      [text.replace('{"payload"', '{"header":{},"payload"'), "malformed"],
      [text.replace('{"payload"', '{"payload":"e30","payload"'), "malformed"],
      [`\uFEFF${text}`, "malformed"],
      [text.slice(0, -1), "malformed"],
      [text.replace('"signatures"', '"signature\\u0073"'), "noncanonical"],
      [`[${text}]`, "malformed"],
      ["", "malformed"],
    ];
    for (const [spelling, reason] of spellings)
      expect([spelling, await reasonsOf(checkOf(encode(spelling), trust))]).toEqual([
        spelling,
        [reason],
      ]);
    const invalidUtf8 = new Uint8Array([0x7b, 0xff, 0x7d]);
    expect(await reasonsOf(checkOf(invalidUtf8, trust))).toEqual(["malformed"]);
  });

  it.each([
    ["alg none", { alg: "none" }, "algorithm"],
    ["alg HS256", { alg: "HS256" }, "algorithm"],
    ["alg ES256", { alg: "ES256" }, "algorithm"],
    ["crit", { crit: ["exp"] }, "malformed"],
    ["an embedded key", { jwk: agent.signer.jwk }, "malformed"],
    ["an address of keys", { jku: "https://keys.invalid" }, "malformed"],
    ["another type", { typ: "autosd-trust+jws" }, "malformed"],
    [
      "a kid that is a path",
      { kid: "../../../../../../../../../../../../../../../../key" },
      "malformed",
    ],
  ] as const)("refuses a header with %s", async (_name, change, reason) => {
    const payload = toBase64Url(Buffer.from(canonicalJson(grantOf())));
    const header = { alg: "EdDSA", kid: ana.signer.kid, typ: grantTokenType, ...change };
    const encoded = toBase64Url(Buffer.from(canonicalJson(header)));
    const signature = sign(null, Buffer.from(`${encoded}.${payload}`), ana.privateKey);
    const token = {
      payload,
      signatures: [{ protected: encoded, signature: toBase64Url(signature) }],
    };
    const file = new TextEncoder().encode(canonicalJson(token));
    expect(await reasonsOf(checkOf(file, trust))).toEqual([reason]);
  });
});

describe("keys and signatures (steps 4 and 5)", () => {
  const mallory = testKey();

  it("refuses keys that are unknown, retired, over or taken from another list entry", async () => {
    const file = await signed(grantOf(), ana);
    const at = (changes: Parameters<typeof trusted>[2]): TrustList =>
      trustList(trusted(ana, "ana", changes));
    expect(await reasonsFor({}, {}, [mallory])).toEqual(["key_unknown"]);
    expect(await reasonsOf(checkOf(file, at({ notAfter: nowS - 61 })))).toEqual(["key_retired"]);
    // Signed in time, used too late: when it was signed is what its signer says.
    expect(await reasonsOf(checkOf(file, at({ notAfter: nowS - 1 })))).toEqual(["key_retired"]);
    expect(await reasonsOf(checkOf(file, at({ notAfter: nowS })))).toEqual([]);
    const foreign = trustList({ ...trusted(mallory, "ana"), kid: ana.signer.kid });
    expect(await reasonsOf(checkOf(file, foreign))).toEqual(["key_unknown"]);
  });

  it("goes by the place in the log, not by what the grant says about its time", async () => {
    const retired = trustList(trusted(ana, "ana", { lastValidSeq: 6 }));
    const early = await signed(grantOf({ iat: 1, nbf: 1, exp: nowS + 60 }), ana);
    const issuedAt = (seq: number | undefined) => ({ facts: factsOf({ issuedAt: () => seq }) });
    expect(await reasonsOf(checkOf(early, retired, issuedAt(6)))).toEqual(["key_retired"]);
    expect(await reasonsOf(checkOf(early, retired, issuedAt(undefined)))).toEqual(["key_retired"]);
    const file = await signed(grantOf(), ana);
    expect(await reasonsOf(checkOf(file, retired, issuedAt(5)))).toEqual([]);
  });

  it.each([
    ["of order 1", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["of order 4", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["that is not canonical", "8P_______________________________________38"],
  ])("refuses a trusted or delegated key %s", async (_name, x) => {
    const jwk = { kty: "OKP", crv: "Ed25519", x } as const;
    const weak = trustList({ ...trusted(ana, "ana"), jwk });
    expect(await reasonsOf(checkOf(await signed(grantOf(), ana), weak))).toEqual(["key_weak"]);
    const weakParent = grantOf({ depth: 1, cnf: { jwk } });
    const child = childOf({}, weakParent);
    const file = fileOf(await signed(child, agent), await signed(weakParent, ana));
    expect(await reasonsOf(checkOf(file, trust, { jti: childJti }))).toEqual(["key_weak"]);
  });

  it("refuses when one of two signatures is not genuine", async () => {
    const liar: TestKey = {
      ...ben,
      signer: { ...ben.signer, sign: (bytes) => mallory.signer.sign(bytes) },
    };
    expect(await reasonsFor({}, {}, [ana, liar])).toEqual(["signature"]);
    expect(await reasonsFor({}, {}, [ana, ben])).toEqual([]);
  });

  it("counts no signature that the log does not record, however genuine", async () => {
    const recorded = (...kids: string[]) => ({
      facts: factsOf({ signersOf: () => kids.map((kid) => ({ kid, seq: 5 })) }),
    });
    const [one, two] = [ana.signer.kid, ben.signer.kid];
    const both = [ana, ben];
    expect(await reasonsFor({ quorum: 2 }, recorded(one, two), both)).toEqual([]);
    expect(await reasonsFor({ quorum: 2 }, recorded(one), both)).toEqual(["signature"]);
    expect(await reasonsFor({}, recorded(one), both)).toEqual(["signature"]);
    expect(await reasonsFor({}, recorded())).toEqual(["signature"]);
    const byParent = (id: string) => (id === jti ? [{ kid: one, seq: 5 }] : []);
    expect(await childReasons({}, { facts: factsOf({ signersOf: byParent }) })).toEqual([
      "signature",
    ]);
  });

  it("goes by the entry of each signature: a key retired before it approved adds none", async () => {
    const retired = trustList(trusted(ana, "ana"), trusted(ben, "ben", { lastValidSeq: 7 }));
    const file = await signed(grantOf({ quorum: 2 }), ana, ben);
    const approvedAt = (seq: number) => ({
      facts: factsOf({
        signersOf: () => [
          { kid: ana.signer.kid, seq: 5 },
          { kid: ben.signer.kid, seq },
        ],
      }),
    });
    expect(await reasonsOf(checkOf(file, retired, approvedAt(6)))).toEqual([]);
    expect(await reasonsOf(checkOf(file, retired, approvedAt(7)))).toEqual(["key_retired"]);
  });

  it("accepts no file with a single bit changed", async () => {
    const root = await signed(grantOf(), ana);
    const child = fileOf(await signed(childOf(), agent), await signed(parent, ana));
    let accepted = 0;
    const everyBit = [0, 1, 2, 3, 4, 5, 6, 7];
    for (const [file, id, bitsOf] of [
      [root, jti, () => everyBit],
      [child, childJti, (index: number) => [index % 8]],
    ] as const) {
      expect((await checkGrant(checkOf(file, trust, { jti: id }))).kind).toBe("verified");
      for (let index = 0; index < file.length; index += 1)
        for (const bit of bitsOf(index)) {
          const changed = file.slice();
          changed[index] = (file[index] ?? 0) ^ (1 << bit);
          if ((await checkGrant(checkOf(changed, trust, { jti: id }))).kind === "verified")
            accepted += 1;
        }
    }
    expect(accepted).toBe(0);
  }, 60_000);
});

describe("quorum (step 6)", () => {
  const second = testKey();
  const twoKeys = trustList(trusted(ana, "ana"), trusted(second, "ana"), trusted(ben, "ben"));

  it("counts operators: two keys of one are one, an agent's is none", async () => {
    const quorum = 2;
    const pair = async (list: TrustList, ...keys: TestKey[]) =>
      reasonsOf(checkOf(await signed(grantOf({ quorum }), ...keys), list));
    expect(await pair(twoKeys, ana)).toEqual(["quorum_short"]);
    expect(await pair(twoKeys, ana, second)).toEqual(["quorum_short"]);
    expect(await pair(twoKeys, ana, ben)).toEqual([]);
    const withAgent = trustList(trusted(ana, "ana"), trusted(ben, "bot", { roles: ["agent"] }));
    expect(await pair(withAgent, ana, ben)).toEqual(["quorum_short"]);
  });

  it("takes the larger of what policy and grant ask for, and never none", async () => {
    expect(await reasonsFor({}, { minimumQuorum: 2 })).toEqual(["quorum_short"]);
    expect(await reasonsFor({}, { minimumQuorum: 0 })).toEqual([]);
    const agents = trustList(trusted(ana, "bot", { roles: ["agent"] }));
    const file = await signed(grantOf(), ana);
    expect(await reasonsOf(checkOf(file, agents, { minimumQuorum: 0 }))).toEqual(["quorum_short"]);
  });

  it("refuses the same signer twice", async () => {
    expect(await reasonsFor({ quorum: 2 }, {}, [ana, ana])).toEqual(["duplicate_signer"]);
  });
});

describe("the chain (step 7)", () => {
  it.each<readonly [string, Partial<Grant>]>([
    ["an environment", { authorization_details: [entry({ environments: ["dev", "prod"] })] }],
    ["a project", { authorization_details: [entry({ locations: ["*"] })] }],
    ["an action", { authorization_details: [entry({ actions: ["deploy", "rollback"] })] }],
    ["time", { exp: parent.exp + 1 }],
    ["an earlier beginning", { nbf: parent.nbf - 1 }],
    ["an earlier issue", { iat: parent.iat - 1 }],
    ["uses", { budget: { ...parent.budget, uses: 6 } }],
    ["spending", { budget: { ...parent.budget, spend_microusd: 1_000_001 } }],
    ["depth", { depth: 2 }],
    ["fewer gates", { gates: [] }],
    ["another audience", { aud: "autosd:elsewhere" }],
    ["breaking glass", { break_glass: true }],
    ["waived gates", { break_glass: true, waive: ["tests"] }],
  ])("refuses a child with more: %s", async (_name, changes) => {
    expect(await childReasons(changes)).toEqual(["chain_widened"]);
  });

  it("refuses a child that is freer of its conditions", async () => {
    const strict = grantOf({
      depth: 1,
      cnf: { jwk: agent.signer.jwk },
      sub: "agent:autosd",
      quorum: 2,
      bind: { commit, artifact: `sha256:${"0".repeat(64)}` },
      budget: { uses: 5, spend_microusd: 1_000_000, min_interval_s: 60 },
    });
    const same: Partial<Grant> = {
      sub: strict.sub,
      quorum: 2,
      bind: strict.bind,
      budget: strict.budget,
    };
    const of = async (changes: Partial<Grant>) => {
      const child = childOf({ ...same, ...changes }, strict);
      const file = fileOf(await signed(child, agent), await signed(strict, ana, ben));
      const action = { ...deployAction, artifact: strict.bind.artifact ?? "" };
      return reasonsOf(checkOf(file, trust, { jti: childJti, action }));
    };
    expect(await of({})).toEqual([]);
    for (const changes of [
      { sub: "agent:*" },
      { sub: "agent:other" },
      { quorum: 1 },
      { bind: {} },
      { bind: { commit: "0".repeat(40), artifact: strict.bind.artifact } },
      { bind: { commit } },
      { budget: { ...strict.budget, min_interval_s: 59 } },
    ])
      expect([changes, await of(changes)]).toEqual([changes, ["chain_widened"]]);
  });

  it("refuses a child whose key its parent does not name", async () => {
    expect(await childReasons({}, {}, [ben])).toEqual(["key_unknown"]);
    expect(await childReasons({}, {}, [agent, ana])).toEqual(["key_unknown"]);
    expect(await childReasons({}, {}, [agent, agent])).toEqual(["duplicate_signer"]);
  });

  it("refuses a child of a grant that may not be delegated", async () => {
    for (const unable of [grantOf(), grantOf({ cnf: { jwk: agent.signer.jwk } })]) {
      const file = fileOf(
        await signed(childOf({ depth: 0 }, unable), agent),
        await signed(unable, ana),
      );
      expect(await reasonsOf(checkOf(file, trust, { jti: childJti }))).toEqual(["key_unknown"]);
    }
  });

  it("refuses missing, foreign, surplus and repeated parents", async () => {
    const root = await signed(parent, ana);
    const child = await signed(childOf(), agent);
    const other = await signed(grantOf({ ...parent, reason: "other" }), ana);
    const at = (id: string, file: Uint8Array) => reasonsOf(checkOf(file, trust, { jti: id }));
    expect(await at(childJti, child)).toEqual(["chain_parent"]);
    expect(await at(childJti, fileOf(child, other))).toEqual(["chain_parent"]);
    expect(await at(childJti, fileOf(child, root, other))).toEqual(["chain_parent"]);
    expect(await at(jti, fileOf(root, root))).toEqual(["chain_parent"]);
    const named = await signed(childOf({ iss: "ana" }), agent);
    expect(await at(childJti, fileOf(named, root))).toEqual(["chain_parent"]);
    const signedByAgent = await signed(grantOf({ cnf: { jwk: agent.signer.jwk } }), agent);
    expect(await at(jti, signedByAgent)).toEqual(["key_unknown"]);
  });

  it("allows five links and refuses six", async () => {
    const ids = Array.from({ length: 6 }, (_, index) => `${jti.slice(0, -1)}${index}`);
    const keys = [ana, agent, agentsAgent, agent, agentsAgent, agent];
    const chain = async (length: number) => {
      const links: Uint8Array[] = [];
      let last: Grant | undefined;
      for (let index = 0; index < length; index += 1) {
        const next = keys[index + 1];
        const grant = grantOf({
          jti: ids[index] ?? "",
          depth: Math.max(0, 4 - index),
          ...(next === undefined ? {} : { cnf: { jwk: next.signer.jwk } }),
          ...(last === undefined ? {} : { iss: last.jti, parent: payloadDigest(last) }),
        });
        links.unshift(await signed(grant, keys[index] ?? ana));
        last = grant;
      }
      const [first = new Uint8Array(), ...parents] = links;
      const facts = factsOf({ issuedAt: () => 5 });
      return reasonsOf(checkOf(fileOf(first, ...parents), trust, { jti: last?.jti ?? "", facts }));
    };
    expect(await chain(5)).toEqual([]);
    expect(await chain(6)).toEqual(["chain_length"]);
  });
});

describe("addressee, time, revocation and log (steps 8 to 11)", () => {
  it("refuses another log's grants and another agent", async () => {
    expect(await reasonsFor({ aud: "autosd:elsewhere" })).toEqual(["audience"]);
    expect(await reasonsFor({ sub: "agent:other" })).toEqual(["subject"]);
    expect(await reasonsFor({}, { subject: "operator:ana" })).toEqual(["subject"]);
  });

  it("refuses before its time, from its end on, and more life than allowed", async () => {
    const at = (seconds: number) => ({ nowMs: seconds * 1_000 });
    const { nbf, exp } = grantOf();
    expect(await reasonsFor({}, { ...at(exp - 0.001) })).toEqual([]);
    expect(await reasonsFor({}, { ...at(exp) })).toEqual(["expired"]);
    expect(await reasonsFor({ nbf: nowS + 1 })).toEqual(["not_yet"]);
    expect(await reasonsFor({ nbf, iat: nowS + 1 })).toEqual(["not_yet"]);
    expect(await reasonsFor({ exp: nowS - 60 + 720 * 3_600 + 1 })).toEqual(["lifetime_exceeded"]);
  });

  it("refuses a break-glass grant of two hours and a second, at use", async () => {
    const iat = nowS - 60;
    expect(await reasonsFor({ break_glass: true, exp: iat + 7_201 })).toEqual([
      "lifetime_exceeded",
    ]);
    expect(await reasonsFor({ break_glass: true, exp: iat + 7_200 })).toEqual([]);
  });

  it("goes by the log's time when the clock is a little behind, and stops when it is far", async () => {
    const ahead = (ms: number) => ({ facts: factsOf({ lastTimeMs: nowS * 1_000 + ms }) });
    expect(await reasonsFor({ exp: nowS + 50 }, ahead(49_999))).toEqual([]);
    expect(await reasonsFor({ exp: nowS + 50 }, ahead(60_000))).toEqual(["expired"]);
    await expect(reasonsFor({}, ahead(60_001))).rejects.toMatchObject({
      code: "AUTOSD-CLOCK-ROLLBACK",
    });
  });

  it("refuses when a file or the log says that any link is revoked, or nobody can tell", async () => {
    const revocation = { jti, atMs: 0, reason: "lost laptop" };
    const revoked = { revocationOf: async () => ({ kind: "revoked", revocation }) as const };
    expect(await reasonsFor({}, revoked)).toEqual(["revoked"]);
    expect(await reasonsFor({}, { facts: factsOf({ isRevoked: () => true }) })).toEqual([
      "revoked",
    ]);
    const unreadable = {
      revocationOf: async () => ({ kind: "unreadable", finding: "x" }) as const,
    };
    expect(await reasonsFor({}, unreadable)).toEqual(["revocation_unreadable"]);
    const ofParent = { facts: factsOf({ isRevoked: (id) => id === jti }) };
    expect(await childReasons({}, ofParent)).toEqual(["revoked"]);
  });

  it("refuses a log that is shorter than, or another than, the one that the signers saw", async () => {
    const log = grantOf().log;
    expect(await reasonsFor({ log: { ...log, size: 11 } })).toEqual(["log_pin_missing"]);
    expect(await reasonsFor({ log: { ...log, root: "root-x" } })).toEqual(["log_pin_fork"]);
    expect(await reasonsFor({ log: { ...log, origin: "autosd/other" } })).toEqual(["log_pin_fork"]);
    expect(await reasonsFor({ log: { ...log, size: 6, root: "root-6" } })).toEqual([
      "log_pin_fork",
    ]);
    const unlogged = { facts: factsOf({ issuedAt: () => undefined }) };
    expect(await reasonsFor({}, unlogged)).toEqual(["log_pin_missing"]);
  });
});

function entry(
  changes: Partial<Grant["authorization_details"][number]>,
): Grant["authorization_details"][number] {
  return {
    type: "autosd/privileged",
    actions: ["deploy", "promote"],
    locations: ["my-project"],
    environments: ["dev", "staging"],
    targets: ["*"],
    ...changes,
  };
}

describe("scope, binding and gates (steps 12 and 13)", () => {
  const asked = (changes: Partial<GrantCheck["action"]>) => ({
    action: { ...deployAction, ...changes },
  });

  it("refuses what no entry allows and names it", async () => {
    expect(await reasonsFor({}, asked({ project: "other" }))).toEqual(["scope_project"]);
    expect(await reasonsFor({}, asked({ action: "rollback" }))).toEqual(["scope_action"]);
    expect(await reasonsFor({}, asked({ environment: "prod" }))).toEqual(["scope_environment"]);
    expect(await reasonsFor({}, asked({ environment: null }))).toEqual(["scope_environment"]);
    const docker = { authorization_details: [entry({ targets: ["docker"] })] };
    expect(await reasonsFor(docker)).toEqual(["scope_target"]);
    expect(await reasonsFor(docker, asked({ target: "docker" }))).toEqual([]);
    expect(await reasonsFor({}, asked({ project: "*" }))).toEqual(["scope_project"]);
  });

  it("reads each entry by itself: rights of two entries make no third", async () => {
    const details = [
      entry({ environments: ["prod"], targets: ["docker"] }),
      entry({ environments: ["staging"], targets: ["process"] }),
    ];
    const crossed = asked({ environment: "prod", target: "process" });
    expect(await reasonsFor({ authorization_details: details }, crossed)).toEqual(["scope_target"]);
    const projects = [
      entry({ locations: ["a"], actions: ["deploy"] }),
      entry({ locations: ["b"], actions: ["promote"] }),
    ];
    const swapped = asked({ project: "a", action: "promote" });
    expect(await reasonsFor({ authorization_details: projects }, swapped)).toEqual([
      "scope_action",
    ]);
  });

  it("refuses another commit and another artifact than it is bound to", async () => {
    const artifact = `sha256:${"a".repeat(64)}`;
    expect(await reasonsFor({ bind: { commit: "0".repeat(40) } })).toEqual(["bind_mismatch"]);
    expect(await reasonsFor({ bind: { commit, artifact } })).toEqual(["bind_mismatch"]);
    expect(await reasonsFor({ bind: { commit, artifact } }, asked({ artifact }))).toEqual([]);
    expect(await reasonsFor({ bind: { commit }, gates: [] }, asked({ commit: null }))).toEqual([
      "bind_mismatch",
    ]);
  });

  it("wants gates that the log records as green for this commit, by their newest record", async () => {
    const recorded = (...oks: boolean[]) => ({
      facts: factsOf({
        gatesOf: async () => oks.map((ok) => ({ name: "tests", ok, evidence: "sha256:e" })),
      }),
    });
    expect(await reasonsFor({}, recorded())).toEqual(["gate_missing"]);
    expect(await reasonsFor({}, recorded(false))).toEqual(["gate_missing"]);
    expect(await reasonsFor({}, recorded(true, false))).toEqual(["gate_missing"]);
    expect(await reasonsFor({}, recorded(false, true))).toEqual([]);
    expect(await reasonsFor({}, { requiredGates: ["secrets"] })).toEqual(["gate_missing"]);
    expect(await reasonsFor({}, asked({ commit: null }))).toEqual(["gate_missing"]);
    expect(await reasonsFor({ gates: [] }, asked({ commit: null }))).toEqual([]);
  });

  it.each<{
    readonly name: string;
    readonly gates: readonly string[];
    readonly required?: readonly string[];
    readonly enough: readonly string[] | undefined;
  }>([
    { name: "have no record", gates: ["tests", "lint"], enough: ["tests"] },
    { name: "were red", gates: ["tests", "types"], enough: undefined },
    { name: "are all there are", gates: ["lint"], enough: undefined },
    {
      ...{ name: "the policy asks for", gates: ["tests"], required: ["lint"] },
      enough: undefined,
    },
  ])("tells which gates would be enough when those missing $name", async (given) => {
    const facts = factsOf({
      gatesOf: async () => [
        { name: "tests", ok: true, evidence: "sha256:e" },
        { name: "types", ok: false, evidence: "sha256:e" },
      ],
    });
    const file = await signed(grantOf({ gates: [...given.gates] }), ana);
    const requiredGates = given.required ?? [];
    const checked = await checkGrant(checkOf(file, trust, { facts, requiredGates }));
    if (checked.kind === "verified") throw new Error("It was not refused.");
    expect(checked.failures[0].facts?.["enough"]).toEqual(given.enough);
  });

  it("waives in a break-glass grant the gates that it names and no other", async () => {
    const glass = { break_glass: true, exp: nowS + 60, gates: [] };
    const required = { requiredGates: ["secrets", "lint"] };
    expect(await reasonsFor({ ...glass, waive: ["secrets"] }, required)).toEqual(["gate_missing"]);
    expect(await reasonsFor({ ...glass, waive: ["secrets", "lint"] }, required)).toEqual([]);
  });

  it("asks a push for a commit, and a new repository for none", async () => {
    const placeless = entry({
      actions: ["push", "create-repo"],
      environments: [],
      targets: [],
    });
    const of = (action: "push" | "create-repo", id: string | null) =>
      reasonsFor(
        { authorization_details: [placeless] },
        asked({ action, environment: null, target: null, commit: id }),
      );
    expect(await of("push", commit)).toEqual([]);
    expect(await of("push", null)).toEqual(["gate_missing"]);
    expect(await of("create-repo", null)).toEqual([]);
  });
});

describe("budget, rate and replay (step 15)", () => {
  const used = (uses: number, spendMicrousd = 0, lastReservedAtMs?: number) => ({
    facts: factsOf({
      usageOf: () => ({ uses, spendMicrousd, lastReservedAtMs: lastReservedAtMs ?? undefined }),
    }),
  });
  const budget = { uses: 5, spend_microusd: 1_000_000, min_interval_s: 60 };

  it("refuses the use, the cent and the second too many", async () => {
    expect(await reasonsFor({ budget }, used(4))).toEqual([]);
    expect(await reasonsFor({ budget }, used(5))).toEqual(["budget_uses"]);
    const spend = { spendCeilingMicrousd: 400_000 };
    expect(await reasonsFor({ budget }, { ...used(1, 600_000), ...spend })).toEqual([]);
    expect(await reasonsFor({ budget }, { ...used(1, 600_001), ...spend })).toEqual([
      "budget_spend",
    ]);
    expect(await reasonsFor({ budget }, used(1, 0, nowS * 1_000 - 60_000))).toEqual([]);
    expect(await reasonsFor({ budget }, used(1, 0, nowS * 1_000 - 59_999))).toEqual(["rate"]);
  });

  it("charges the parent too", async () => {
    const usageOf = (id: string) => ({
      uses: id === jti ? 5 : 0,
      spendMicrousd: 0,
      lastReservedAtMs: undefined,
    });
    expect(await childReasons({}, { facts: factsOf({ usageOf }) })).toEqual(["budget_uses"]);
  });

  it("refuses an action that is under way, and charges nothing for one that was settled", async () => {
    const reserved = (state: "open" | "settled" | "released") => ({
      facts: factsOf({
        reservationOf: (idem) => ({
          seq: 7,
          idem,
          chain: [jti],
          reservedAtMs: 0,
          state,
          result: null,
        }),
        usageOf: () => ({ uses: 5, spendMicrousd: 0, lastReservedAtMs: undefined }),
      }),
    });
    const roomy = { budget: { ...budget, uses: 9, min_interval_s: 0 } };
    expect(await reasonsFor(roomy, reserved("open"))).toEqual(["replay"]);
    expect(await reasonsFor(roomy, reserved("released"))).toEqual([]);
    expect(await reasonsFor({ budget }, reserved("settled"))).toEqual([]);
  });
});

it("collects every finding from step 8 on, in order", async () => {
  const reasons = await reasonsFor(
    { aud: "autosd:x", sub: "agent:x", exp: nowS - 1, bind: { commit: "0".repeat(40) } },
    {
      action: { ...deployAction, environment: "prod", project: "other" },
      facts: factsOf({
        isRevoked: () => true,
        issuedAt: () => undefined,
        gatesOf: async () => [],
        usageOf: () => ({ uses: 9, spendMicrousd: 0, lastReservedAtMs: undefined }),
      }),
    },
  );
  expect(reasons).toEqual([
    "audience",
    "subject",
    "expired",
    "revoked",
    "log_pin_missing",
    "scope_project",
    "scope_environment",
    "bind_mismatch",
    "gate_missing",
    "budget_uses",
  ]);
});

test("every reason was reached", () => {
  expect(grantReasons.filter((reason) => !seen.has(reason))).toEqual([]);
});
