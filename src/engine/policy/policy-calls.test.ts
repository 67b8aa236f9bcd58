import { beforeEach, describe, expect, it } from "vitest";
import {
  createMemoryPolicyArchive,
  createMemoryPolicySource,
  type MemoryPolicySource,
} from "../../adapters/governance/memory-policy.ts";
import { createMemoryAuditLog } from "../../adapters/governance/memory-audit-log.ts";
import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { Door } from "../../governance/policy/door.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { DecisionInput } from "../../governance/policy/decision-input.ts";
import type { PolicyArchive } from "../../governance/policy/policy-archive.port.ts";
import { resolvePolicy } from "../../governance/policy/policy-layers.ts";
import { sha256 } from "../../kernel/hash.ts";
import { createPolicyCalls } from "./create-policy-calls.ts";
import type { PolicyCalls } from "./policy-calls.ts";

const clock = { now: () => Date.UTC(2026, 0, 15, 12), monotonicMs: () => 0 };
const strict = '{"schema":"autosd/policy@1","rules":[{"environments":["prod"],"quorum":2}]}';

let source: MemoryPolicySource;
let archive: PolicyArchive;
let log: AuditLog;
let named: Map<string, string>;
let heads: Map<string, string>;
let confirm: (seq: number) => Promise<void>;
let door: () => Promise<Pick<Door, "evaluate">>;
let calls: PolicyCalls;

beforeEach(() => {
  source = createMemoryPolicySource();
  source.projects.set("/shop", "shop");
  source.files.set("/shop/policy.json", strict);
  archive = createMemoryPolicyArchive();
  log = createMemoryAuditLog({ clock });
  named = new Map();
  heads = new Map();
  confirm = async () => undefined;
  door = () => Promise.reject(new Error("the door is not asked"));
  calls = createPolicyCalls({
    source,
    overlay: { load: () => Promise.reject(new Error("no overlay is here")) },
    archive,
    door: () => door(),
    audit: async () => log,
    confirmEntry: (seq) => confirm(seq),
    grantStanding: () => Promise.reject(new Error("no grant is asked for")),
    clock,
    sandbox: "isolated",
    readFile: async (file) => {
      const text = named.get(file);
      if (text === undefined) throw new Error(`there is no ${file}`);
      return new TextEncoder().encode(text);
    },
    resolve: async (directory) => directory,
    headOf: async (directory) => heads.get(directory),
    projectAt: async (directory) => source.projects.get(directory),
    cwd: "/shop",
  });
});

const shop = { project: "shop", directory: "/shop" };

function inputOf(operators: readonly string[]): DecisionInput {
  return {
    action: {
      action: "deploy",
      project: "shop",
      environment: "prod",
      target: "process",
      commit: null,
      artifact: null,
      run: "run_1",
    },
    nowMs: clock.now(),
    ceilingMicrousd: 0,
    grant: {
      jti: `grt_${"0".repeat(26)}`,
      operators: [...operators],
      unprotected: false,
      breakGlass: false,
      waivedGates: [],
      lifetimeS: 600,
      delegations: 0,
    },
    gates: [],
    lastActionAtMs: null,
    burning: null,
    sandbox: "isolated",
  };
}

/** Records a decision under the policy that is there, as the door does. */
async function record(
  decision: "allow" | "deny",
  input: DecisionInput,
  snapshot?: string,
): Promise<number> {
  const texts = await source.texts({ kind: "folder", ...shop });
  const state = resolvePolicy(texts);
  if (state.kind !== "resolved") throw new Error("the policy cannot be used");
  const kept = snapshot ?? state.policy.snapshot;
  await archive.keep(kept);
  const { entries } = await log.transact(async () => ({
    append: [
      {
        kind: decision === "allow" ? "reserve" : "deny",
        actor: { type: "agent", id: "autosd" },
        decision,
        ...(decision === "deny" ? { code: "AUTOSD-POLICY-DENIED" } : {}),
        policy: { digest: sha256(kept), rules: [] },
        details: { input },
      },
    ],
    value: undefined,
  }));
  return entries[0]?.seq ?? -1;
}

describe("a recorded decision, made again", () => {
  it("is the same under the policy of its digest, whatever the project's file says by now", async () => {
    const denied = await record("deny", inputOf(["ana"]));
    const allowed = await record("allow", inputOf(["ana", "ben"]));
    source.files.delete("/shop/policy.json");
    expect(await calls.replay(denied)).toMatchObject({
      same: true,
      recorded: { decision: "deny", code: "AUTOSD-POLICY-DENIED" },
      now: { decision: "deny", code: "AUTOSD-POLICY-DENIED" },
    });
    expect(await calls.replay(allowed)).toMatchObject({ same: true, now: { decision: "allow" } });
  });

  it("is another one when the log says what that policy would never have said", async () => {
    const seq = await record("allow", inputOf(["ana"]));
    expect(await calls.replay(seq)).toMatchObject({
      same: false,
      recorded: { decision: "allow", code: null },
      now: { decision: "deny", code: "AUTOSD-POLICY-DENIED" },
    });
  });

  it("cannot be made by an autosd with another built-in policy, which is said", async () => {
    const texts = await source.texts({ kind: "folder", ...shop });
    const other = { schema: "autosd/policy-snapshot@1", builtIn: { quorum: 9 }, texts };
    const seq = await record("deny", inputOf(["ana"]), JSON.stringify(other));
    await expect(calls.replay(seq)).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-QUERY",
      message: expect.stringContaining("another built-in policy") as string,
    });
  });

  it("is tampering when its policy is gone", async () => {
    const seq = await record("deny", inputOf(["ana"]));
    archive.read = async () => undefined;
    await expect(calls.replay(seq)).rejects.toMatchObject({ code: "AUTOSD-AUDIT-TAMPERED" });
  });

  it("is not made of an entry that is not the recorded one", async () => {
    const seq = await record("deny", inputOf(["ana"]));
    const damaged = new GovernanceError("AUTOSD-AUDIT-TAMPERED", "It was changed.");
    confirm = async (asked) => {
      if (asked === seq) throw damaged;
    };
    await expect(calls.replay(seq)).rejects.toBe(damaged);
  });

  it("is refused for entries that are not there or decided nothing", async () => {
    await log.transact(async () => ({
      append: [{ kind: "halt", actor: { type: "operator", id: "ana" }, project: "shop" }],
      value: undefined,
    }));
    for (const seq of [0, 99])
      await expect(calls.replay(seq)).rejects.toMatchObject({ code: "AUTOSD-AUDIT-QUERY" });
  });
});

describe("cases of a policy", () => {
  const request = { action: "deploy", environment: "prod" };
  const write = (...cases: readonly unknown[]) =>
    named.set("cases.json", JSON.stringify({ schema: "autosd/policy-cases@1", cases }));
  const test = () => calls.test({ ...shop, file: "cases.json" });

  it("come out as the policy in force decides, with the rules that speak against them", async () => {
    const two = { ...request, grant: { operators: ["ana", "ben"] } };
    write(
      { name: "one", request, expect: { decision: "deny", code: "AUTOSD-POLICY-DENIED" } },
      { name: "two", request: two, expect: { decision: "allow", against: [] } },
      { name: "wrong", request, expect: { decision: "allow" } },
      { name: "other rule", request, expect: { decision: "deny", against: ["freeze"] } },
    );
    const report = await test();
    expect(report.cases.map(({ name, ok }) => [name, ok])).toEqual([
      ["one", true],
      ["two", true],
      ["wrong", false],
      ["other rule", false],
    ]);
    expect(report.failed).toBe(2);
    expect(report.cases[0]?.found.against).toEqual(["quorum"]);
    source.files.delete("/shop/policy.json");
    expect((await test()).cases[0]?.ok).toBe(false);
  });

  it.each([
    ["are no JSON", "{"],
    ["say something unknown", '{"schema":"autosd/policy-cases@1","cases":[],"more":1}'],
    ["name a thing twice", '{"schema":"autosd/policy-cases@1","schema":"x","cases":[]}'],
    ["are none", '{"schema":"autosd/policy-cases@1","cases":[]}'],
  ])("that %s are refused, with the place", async (_why, text) => {
    named.set("cases.json", text);
    await expect(test()).rejects.toMatchObject({
      code: "AUTOSD-POLICY-INPUT",
      message: expect.stringMatching(/cases\.json:1:\d+: /) as string,
    });
  });

  it("in a file that is not there are refused", async () => {
    await expect(test()).rejects.toMatchObject({ code: "AUTOSD-POLICY-INPUT" });
  });
});

describe("an explanation", () => {
  const push = {
    ...{ project: "shop", directory: undefined, action: "push" as const },
    ...{ environment: undefined, target: undefined, artifact: undefined, grant: "grt_1" },
    ceilingMicrousd: 0,
  };
  const head = "a".repeat(40);
  const named = "b".repeat(40);

  it.each([
    ["the one that was named", named, head, named, /^$/],
    ["the newest of the branch when none was named", undefined, head, head, /the newest of its/],
    ["none before the first", undefined, undefined, null, /the project has none/],
  ])("is about a commit: %s", async (_which, given, newest, expected, said) => {
    if (newest !== undefined) heads.set("/shop", newest);
    const asked: (string | null)[] = [];
    door = async () => ({
      evaluate: async ({ action }) => {
        asked.push(action.commit);
        return { kind: "allowed", rules: [], warnings: [], policyDigest: "", grant: "grt_1" };
      },
    });
    const explanation = await calls.explain({ ...push, commit: given });
    expect(explanation).toMatchObject({ decision: "allow", commit: expected });
    expect(explanation.notes.join()).toMatch(said);
    expect(asked).toEqual([expected]);
  });
});

describe("the policy that is shown", () => {
  it("has another digest once the project's file is taken away", async () => {
    const show = () => calls.show({ ...shop, grant: undefined, environment: "prod" });
    const before = await show();
    source.files.delete("/shop/policy.json");
    const after = await show();
    expect(after.digest).not.toBe(before.digest);
    const quorum = (view: typeof before) => view.limits.find(({ name }) => name === "quorum");
    expect([quorum(before)?.value, quorum(after)?.value]).toEqual([2, 1]);
    expect(quorum(before)?.source).toContain("policy.json");
  });
});
