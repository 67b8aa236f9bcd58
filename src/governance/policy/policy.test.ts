import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environments, privilegedActions } from "../grants/action.ts";
import { decide } from "./decide.ts";
import type { DecisionInput } from "./decision-input.ts";
import { isFrozen } from "./freeze-windows.ts";
import { limitNames, loosening } from "./limits.ts";
import type { OverlayEvaluator } from "./overlay.port.ts";
import { harmlessInput } from "./overlay.contract.ts";
import { parsePolicyDocument, type PolicyFreeze, type PolicyRule } from "./policy-document.ts";
import { findingText } from "./policy-finding.ts";
import { type PolicyState, resolvePolicy } from "./policy-layers.ts";
import { type PolicyContent, snapshotOf, textsOfSnapshot } from "./policy-texts.ts";
import { sha256 } from "../../kernel/hash.ts";

const absent: PolicyContent = { kind: "absent" };

function policyText(rules: readonly PolicyRule[], freezes: readonly PolicyFreeze[] = []): string {
  return JSON.stringify({ schema: "autosd/policy@1", rules, freezes });
}

function textsOf(user: PolicyContent, project: PolicyContent, overlay = absent) {
  return {
    user: { file: "user.json", content: user },
    project: { file: "project.json", content: project },
    overlay: { file: "policy.cedar", content: overlay },
  };
}

function layered(user: readonly PolicyRule[] | null, project: readonly PolicyRule[] | null) {
  const content = (rules: readonly PolicyRule[] | null): PolicyContent =>
    rules === null ? absent : { kind: "text", text: policyText(rules) };
  return resolvePolicy(textsOf(content(user), content(project)));
}

function usable(state: PolicyState) {
  if (state.kind === "unusable") throw new Error(state.findings.map(findingText).join("\n"));
  return state.policy;
}

function findings(state: PolicyState): readonly string[] {
  return state.kind === "unusable" ? state.findings.map(findingText) : [];
}

const grant = {
  jti: "grt_1",
  operators: ["ana"],
  unprotected: false,
  breakGlass: false,
  waivedGates: [],
  lifetimeS: 3_600,
  delegations: 0,
};
const prod: DecisionInput = {
  ...harmlessInput,
  action: { ...harmlessInput.action, environment: "prod" },
  grant,
};

describe("a policy file", () => {
  it("says the place of a wrong name and what was probably meant", () => {
    const text = '{\n  "schema": "autosd/policy@1",\n  "rules": [\n    { "qourum": 2 }\n  ]\n}';
    const parsed = parsePolicyDocument(text, "policy.json");
    expect(parsed).toMatchObject({
      kind: "refused",
      findings: [{ line: 4, column: 7, suggestion: "quorum" }],
    });
    expect(parsed.kind === "refused" && parsed.findings.map(findingText)).toEqual([
      "policy.json:4:7: rules[0].qourum is not known; did you mean quorum?",
    ]);
  });

  it.each([
    ['{"schema":"autosd/policy@1",\n"rules":[}', /^p:2:10: it is not JSON/],
    ['{"schema":"autosd/policy@1","rules":[],"rules":[]}', /^p:1:1: /],
    ['{"schema":"autosd/policy@2"}', /schema/],
    ['{"schema":"autosd/policy@1","rules":[{"quorum":0}]}', /rules\[0\]\.quorum/],
    ['{"schema":"autosd/policy@1","rules":[{"environments":["production"]}]}', /environments\[0\]/],
    ['{"schema":"autosd/policy@1","rules":[{"allowedTargets":["a","a"]}]}', /twice/],
    ['{"schema":"autosd/policy@1","freezes":[{"name":"x"}]}', /needs either weekly/],
    [
      '{"schema":"autosd/policy@1","freezes":[{"name":"x","from":"2026-13-01T00:00Z","until":"2026-12-02T00:00Z"}]}',
      /calendar/,
    ],
    [
      '{"schema":"autosd/policy@1","freezes":[{"name":"x","from":"2026-12-02T00:00Z","until":"2026-12-01T00:00Z"}]}',
      /after from/,
    ],
    ["[]", /^p:1:1: /],
    ["", /^p:1:1: /],
  ])("is refused: %j", (text, message) => {
    const parsed = parsePolicyDocument(text, "p");
    expect(parsed.kind === "refused" ? parsed.findings.map(findingText).join("\n") : "").toMatch(
      message,
    );
  });
});

describe("layers", () => {
  it("give each value with the place where it was said", () => {
    const policy = usable(
      layered(
        [{ environments: ["prod"], quorum: 2, allowedTargets: ["docker", "process"] }],
        [
          { quorum: 2, allowedTargets: ["docker"], environments: ["prod"] },
          { breakGlass: "refuse" },
        ],
      ),
    );
    const limits = policy.limitsFor("deploy", "prod");
    expect(limits.values).toMatchObject({
      quorum: 2,
      allowedTargets: ["docker"],
      breakGlass: "refuse",
    });
    expect(limits.sources).toMatchObject({
      quorum: "user.json rules[0].quorum",
      allowedTargets: "project.json rules[0].allowedTargets",
      breakGlass: "project.json rules[1].breakGlass",
      maxSpendUsd: "built-in",
    });
    expect(policy.limitsFor("deploy", "dev").values.quorum).toBe(1);
    expect(policy.limitsFor("push", null).values.breakGlass).toBe("refuse");
  });

  it.each<[PolicyRule, PolicyRule, RegExp]>([
    [
      { quorum: 2 },
      { quorum: 1 },
      /rules\[0\]\.quorum: 1 loosens what user\.json rules\[0\]\.quorum says/,
    ],
    [{ maxSpendUsd: 5 }, { maxSpendUsd: 6 }, /maxSpendUsd: 6/],
    [{ breakGlass: "refuse" }, { breakGlass: "allow" }, /breakGlass: allow/],
    [{ allowedActions: ["push"] }, { allowedActions: ["push", "deploy"] }, /deploy loosens/],
    [{ allowedTargets: ["docker"] }, { allowedTargets: ["*"] }, /\* loosens/],
    [{ environments: ["prod"], quorum: 2 }, { quorum: 1 }, /in prod/],
  ])("may not loosen: %j under %j", (user, project, message) => {
    expect(findings(layered([user], [project])).join("\n")).toMatch(message);
  });

  it("add up what they demand", () => {
    const policy = usable(layered([{ requiredGates: ["tests"] }], [{ requiredGates: ["lint"] }]));
    const { values, sources } = policy.limitsFor("deploy", "dev");
    expect(values.requiredGates).toEqual(["tests", "lint"]);
    expect(sources.requiredGates).toBe(
      "user.json rules[0].requiredGates and project.json rules[0].requiredGates",
    );
  });

  it("are unusable when one of them cannot be read", () => {
    const unreadable: PolicyContent = { kind: "unreadable", finding: "it is a link" };
    for (const texts of [
      textsOf(unreadable, absent),
      textsOf(absent, unreadable),
      textsOf(absent, absent, unreadable),
    ])
      expect(findings(resolvePolicy(texts))).toEqual([expect.stringContaining("it is a link")]);
  });

  const rule: fc.Arbitrary<PolicyRule> = fc.record(
    {
      environments: fc.uniqueArray(fc.constantFrom(...environments, "none" as const), {
        minLength: 1,
      }),
      actions: fc.uniqueArray(fc.constantFrom(...privilegedActions), { minLength: 1 }),
      allowedActions: fc.uniqueArray(fc.constantFrom(...privilegedActions)),
      allowedTargets: fc.uniqueArray(fc.constantFrom("*", "docker", "process")),
      requiredGates: fc.uniqueArray(fc.constantFrom("tests", "lint", "types")),
      quorum: fc.integer({ min: 1, max: 4 }),
      maxSpendUsd: fc.integer({ min: 0, max: 5 }),
      minIntervalSeconds: fc.integer({ min: 0, max: 100 }),
      unprotectedKeys: fc.constantFrom("allow" as const, "refuse" as const),
    },
    { requiredKeys: [] },
  );

  /** Layers that are mostly usable: the second demands more than the first. */
  const stricter = (minQuorum: number, maxUsd: number, minSeconds: number) =>
    fc.array(
      fc.record(
        {
          environments: fc.uniqueArray(fc.constantFrom(...environments), { minLength: 1 }),
          actions: fc.uniqueArray(fc.constantFrom(...privilegedActions), { minLength: 1 }),
          requiredGates: fc.uniqueArray(fc.constantFrom("tests", "lint", "types")),
          quorum: fc.integer({ min: minQuorum, max: minQuorum + 1 }),
          maxSpendUsd: fc.integer({ min: maxUsd - 2, max: maxUsd }),
          minIntervalSeconds: fc.integer({ min: minSeconds, max: minSeconds + 50 }),
        },
        { requiredKeys: [] },
      ),
      { minLength: 1, maxLength: 3 },
    );
  const anyLayer = fc.array(rule, { maxLength: 4 });

  it("never allow more with a layer than without it", () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(anyLayer, anyLayer), fc.tuple(stricter(1, 5, 0), stricter(3, 2, 51))),
        ([one, two]) => {
          const below = layered(one, null);
          const both = layered(one, two);
          if (both.kind === "unusable") return;
          if (one.length > 0 && two.length > 0) compared += 1;
          for (const action of privilegedActions)
            for (const environment of [...environments, null]) {
              const base = usable(below).limitsFor(action, environment).values;
              const next = both.policy.limitsFor(action, environment).values;
              for (const name of limitNames)
                expect(loosening(name, base[name], next[name])).toBe(undefined);
              expect(next.requiredGates).toEqual(expect.arrayContaining(base.requiredGates));
            }
        },
      ),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(10);
  });

  it("are named by a digest of every text, from which they are resolved again", () => {
    const texts = textsOf({ kind: "text", text: policyText([{ quorum: 2 }]) }, absent);
    const policy = usable(resolvePolicy(texts));
    expect(policy.digest).toBe(sha256(snapshotOf(texts)));
    expect(textsOfSnapshot(policy.snapshot)).toEqual(texts);
    expect(textsOfSnapshot(policy.snapshot.replace('"quorum":1', '"quorum":7'))).toBeUndefined();
    expect(textsOfSnapshot("no JSON")).toBeUndefined();
    expect(usable(layered(null, null)).digest).not.toBe(policy.digest);
  });
});

describe("a decision", () => {
  const decideWith = (
    rules: readonly PolicyRule[],
    input: DecisionInput = prod,
    freezes: readonly PolicyFreeze[] = [],
  ) => {
    const content: PolicyContent = { kind: "text", text: policyText(rules, freezes) };
    const policy = resolvePolicy(textsOf(absent, content));
    return decide({ policy, input, halt: undefined, overlay: undefined });
  };
  const against = (decision: ReturnType<typeof decide>): readonly string[] =>
    decision.rules.filter((one) => one.verdict !== "pass").map((one) => one.id);

  it("allows when nothing speaks against it, and warns of weak keys in prod", () => {
    expect(decideWith([])).toMatchObject({ decision: "allow", code: null, warnings: [] });
    const weak = decideWith([], { ...prod, grant: { ...grant, unprotected: true } });
    expect(weak).toMatchObject({
      decision: "allow",
      warnings: [expect.stringContaining("unprotected key") as unknown],
    });
  });

  it.each<[string, PolicyRule, Partial<DecisionInput>]>([
    ["action", { allowedActions: ["rollback"] }, {}],
    ["target", { allowedTargets: ["process"] }, {}],
    ["quorum", { quorum: 2 }, { grant: { ...grant, operators: ["ana", "ana"] } }],
    ["gates", { requiredGates: ["tests"] }, { gates: [{ name: "tests", ok: false }] }],
    ["unprotected-keys", { unprotectedKeys: "refuse" }, { grant: { ...grant, unprotected: true } }],
    ["break-glass", { breakGlass: "refuse" }, { grant: { ...grant, breakGlass: true } }],
    ["grant-lifetime", { maxGrantLifetimeHours: 0.5 }, {}],
    ["delegation", { maxDelegationDepth: 0 }, { grant: { ...grant, delegations: 1 } }],
    ["spend", { maxSpendUsd: 0.5 }, { ceilingMicrousd: 500_001 }],
    ["interval", { minIntervalSeconds: 60 }, { lastActionAtMs: prod.nowMs - 59_000 }],
    ["sandbox", { sandboxNone: "refuse" }, { sandbox: "none" }],
    ["service-levels", { refuseWhenBurning: ["latency"] }, { burning: ["latency"] }],
    ["service-levels", { refuseWhenBurning: ["*"] }, { burning: null }],
  ])("is refused by %s alone: %j", (id, rule, change) => {
    const decision = decideWith([rule], { ...prod, ...change });
    expect(decision.decision).toBe("deny");
    expect(against(decision)).toEqual([id]);
    expect(decideWith([], { ...prod, ...change }).decision).toBe("allow");
  });

  it("lets a gate be waived by the grant that breaks glass", () => {
    const waiving = { ...grant, breakGlass: true, waivedGates: ["tests"] };
    expect(decideWith([{ requiredGates: ["tests"] }], { ...prod, grant: waiving }).decision).toBe(
      "allow",
    );
  });

  it("ends with the code of the most basic reason", () => {
    const freeze: PolicyFreeze = {
      name: "end of year",
      from: "2020-01-01T00:00Z",
      until: "2040-01-01T00:00Z",
    };
    expect(decideWith([], prod, [freeze]).code).toBe("AUTOSD-FREEZE");
    expect(decideWith([{ quorum: 2 }], prod, [freeze]).code).toBe("AUTOSD-POLICY-DENIED");
    const unknown = { ...prod, burning: null };
    const rules = [{ refuseWhenBurning: ["*"], quorum: 2 }];
    expect(decideWith(rules, unknown, [freeze]).code).toBe("AUTOSD-POLICY-ERROR");
    const halt = { project: "shop", reason: "", by: "ana", atMs: 0 };
    const policy = layered(null, null);
    expect(decide({ policy, input: prod, halt, overlay: undefined }).code).toBe("AUTOSD-HALTED");
  });

  it("denies when a rule throws, when the policy is unusable and when an overlay fails", () => {
    const policy = layered(null, null);
    const throwing = {
      broken: () => {
        throw new Error("bug");
      },
    };
    const request = { policy, input: prod, halt: undefined, overlay: undefined };
    expect(decide(request, throwing)).toMatchObject({
      decision: "deny",
      code: "AUTOSD-POLICY-ERROR",
    });
    const unusable: PolicyState = { kind: "unusable", findings: [{ file: "f", message: "m" }] };
    expect(decide({ ...request, policy: unusable })).toMatchObject({ code: "AUTOSD-POLICY-ERROR" });
    const withOverlay = resolvePolicy(textsOf(absent, absent, { kind: "text", text: "x" }));
    const said = (kind: "permits" | "denies" | "error"): OverlayEvaluator => ({
      evaluate: () =>
        kind === "permits" ? { kind, policies: [] } : { kind, policies: [], message: "no" },
    });
    const codeWith = (overlay: OverlayEvaluator | undefined) =>
      decide({ ...request, policy: withOverlay, overlay }).code;
    expect(codeWith(said("permits"))).toBeNull();
    expect(codeWith(said("denies"))).toBe("AUTOSD-POLICY-DENIED");
    expect(codeWith(said("error"))).toBe("AUTOSD-POLICY-ERROR");
    expect(codeWith(undefined)).toBe("AUTOSD-POLICY-ERROR");
  });

  it("never gains authority from an overlay that permits", () => {
    const content: PolicyContent = { kind: "text", text: policyText([{ quorum: 2 }]) };
    const policy = resolvePolicy(textsOf(absent, content, { kind: "text", text: "x" }));
    const overlay: OverlayEvaluator = { evaluate: () => ({ kind: "permits", policies: [] }) };
    expect(decide({ policy, input: prod, halt: undefined, overlay }).decision).toBe("deny");
  });
});

describe("a freeze", () => {
  const at = (time: string, change: Partial<DecisionInput> = {}): DecisionInput => ({
    ...prod,
    ...change,
    nowMs: Date.parse(time),
  });
  const night: PolicyFreeze = {
    name: "night",
    weekly: { days: ["fri"], from: "22:00", until: "06:00" },
  };

  it.each([
    // 2026-01-16 is a Friday.
    ["2026-01-16T21:59:59Z", false],
    ["2026-01-16T22:00:00Z", true],
    ["2026-01-17T05:59:59Z", true],
    ["2026-01-17T06:00:00Z", false],
    ["2026-01-17T22:30:00Z", false],
    ["2026-01-16T05:00:00Z", false],
  ])("that begins on Friday night covers %s: %s", (time, expected) => {
    expect(isFrozen(night, at(time))).toBe(expected);
  });

  it("lasts a whole day from 00:00 to 24:00", () => {
    const day: PolicyFreeze = {
      name: "d",
      weekly: { days: ["sun"], from: "00:00", until: "24:00" },
    };
    expect(isFrozen(day, at("2026-01-18T00:00:00Z"))).toBe(true);
    expect(isFrozen(day, at("2026-01-18T23:59:59Z"))).toBe(true);
    expect(isFrozen(day, at("2026-01-19T00:00:00Z"))).toBe(false);
  });

  it("leaves what mends alone unless it is named, and other environments", () => {
    const once: PolicyFreeze = {
      name: "x",
      environments: ["prod"],
      from: "2026-01-01T00:00Z",
      until: "2026-02-01T00:00Z",
    };
    const rollback = { action: { ...prod.action, action: "rollback" as const } };
    expect(isFrozen(once, at("2026-01-01T00:00:00Z"))).toBe(true);
    expect(isFrozen(once, at("2026-02-01T00:00:00Z"))).toBe(false);
    expect(isFrozen(once, at("2026-01-10T00:00:00Z", rollback))).toBe(false);
    expect(isFrozen({ ...once, actions: ["rollback"] }, at("2026-01-10T00:00:00Z", rollback))).toBe(
      true,
    );
    const dev = { action: { ...prod.action, environment: "dev" as const } };
    expect(isFrozen(once, at("2026-01-10T00:00:00Z", dev))).toBe(false);
  });

  it("lets a grant that breaks glass through only where it says so", () => {
    const open = { ...night, exceptBreakGlass: true };
    const glass = { grant: { ...grant, breakGlass: true } };
    expect(isFrozen(night, at("2026-01-16T23:00:00Z", glass))).toBe(true);
    expect(isFrozen(open, at("2026-01-16T23:00:00Z", glass))).toBe(false);
    expect(isFrozen(open, at("2026-01-16T23:00:00Z"))).toBe(true);
  });
});
