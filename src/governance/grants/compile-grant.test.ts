import { describe, expect, it } from "vitest";
import { compileGrant } from "./compile-grant.ts";
import { createGrantCommand, fixCommand } from "./fix-command.ts";
import { failureOf } from "./failure.ts";
import type { GrantWishes } from "./grant-wishes.ts";
import { idemOf } from "./idem.ts";
import type { PrivilegedAction } from "./action.ts";

const nothing: GrantWishes = {
  projectIds: ["shop"],
  autoDeploy: [],
  autoRollback: false,
  autoHeal: false,
  rotateDeployments: false,
  autoPush: false,
  autoMergePr: false,
  createRepos: false,
  environments: undefined,
  targets: undefined,
  breakGlass: false,
  expiresInHours: 1,
  maxUses: undefined,
  maxSpendUsd: undefined,
  minIntervalSeconds: undefined,
  gates: undefined,
  waiveGates: undefined,
  bindCommit: undefined,
  bindArtifact: undefined,
  quorum: undefined,
  reason: undefined,
  agent: undefined,
  depth: undefined,
};

function entriesFor(changes: Partial<GrantWishes>): unknown {
  const compiled = compileGrant({ ...nothing, ...changes });
  if (compiled.kind === "refused") throw new Error(compiled.problem);
  return compiled.grant.authorization_details.map(({ actions, locations, environments, targets }) =>
    [actions, locations, environments, targets].map((names) => names.join("+")).join(" / "),
  );
}

function refusalOf(changes: Partial<GrantWishes>): readonly [string, string] {
  const compiled = compileGrant({ ...nothing, ...changes });
  if (compiled.kind === "compiled") throw new Error("it was compiled");
  return [compiled.problem, compiled.flag];
}

describe("compiling wishes", () => {
  it.each<readonly [Partial<GrantWishes>, readonly string[]]>([
    [{ autoDeploy: ["prod"] }, ["deploy+promote / shop / prod / *"]],
    [
      { autoDeploy: ["prod"], autoRollback: true },
      ["deploy+promote / shop / prod / *", "rollback / shop / prod / *"],
    ],
    [
      { autoDeploy: ["dev"], autoHeal: true, rotateDeployments: true, environments: ["prod"] },
      ["deploy+promote / shop / dev / *", "heal+rotate-deployment / shop / prod / *"],
    ],
    [{ autoPush: true }, ["push+patch / shop /  / "]],
    [{ autoMergePr: true, createRepos: true }, ["merge-pr+create-repo / shop /  / "]],
    [
      { projectIds: ["a", "b", "a"], autoDeploy: ["dev"], targets: ["docker"] },
      ["deploy+promote / a+b / dev / docker"],
    ],
    [{ projectIds: ["*"], autoDeploy: ["dev"] }, ["deploy+promote / * / dev / *"]],
  ])("%j allows just that", (changes, entries) => {
    expect(entriesFor(changes)).toEqual(entries);
  });

  it("is careful where nothing was said", () => {
    const compiled = compileGrant({ ...nothing, autoDeploy: ["dev"] });
    expect(compiled).toMatchObject({
      kind: "compiled",
      grant: {
        sub: "agent:*",
        gates: ["lint", "types", "tests", "secrets"],
        budget: { uses: 20, spend_microusd: 0, min_interval_s: 0 },
        break_glass: false,
        quorum: 1,
        depth: 0,
        lifetimeS: 3_600,
      },
    });
    expect(compiled.kind === "compiled" && "waive" in compiled.grant).toBe(false);
  });

  it("leaves out of the gates what a break-glass grant waives", () => {
    const glass = { autoDeploy: ["dev"] as const, breakGlass: true, waiveGates: ["tests", "sbom"] };
    expect(compileGrant({ ...nothing, ...glass })).toMatchObject({
      grant: { gates: ["lint", "types", "secrets"], waive: ["tests", "sbom"], break_glass: true },
    });
  });

  it.each<readonly [Partial<GrantWishes>, string, string]>([
    [{}, "The grant allows nothing", "--auto-deploy-dev"],
    [{ projectIds: [], autoPush: true }, "Name the projects", "--project-ids <id>"],
    [{ projectIds: ["*", "a"], autoPush: true }, "name it alone", "--project-ids *"],
    [{ projectIds: ["../etc"], autoPush: true }, "--project-ids must be", "--project-ids"],
    [{ projectIds: ["Shop"], autoPush: true }, "--project-ids must be", "--project-ids"],
    [{ autoRollback: true }, "in which environments", "--environments <dev|staging|prod>"],
    [{ environments: ["prod"] }, "flags of its own", "--auto-deploy-prod"],
    [{ autoPush: true, targets: ["docker"] }, "--targets narrows", "--targets"],
    [{ autoPush: true, expiresInHours: 0 }, "more than 0", "--expires-in-hours"],
    [{ autoPush: true, expiresInHours: Number.NaN }, "more than 0", "--expires-in-hours"],
    [{ autoPush: true, expiresInHours: 720.001 }, "720 hours", "--expires-in-hours 720"],
    [
      { autoPush: true, breakGlass: true, expiresInHours: 2.0001 },
      "2 hours at most",
      "--expires-in-hours 2",
    ],
    [{ autoPush: true, waiveGates: ["tests"] }, "needs --break-glass", "--break-glass"],
    [{ autoPush: true, gates: ["No Gate"] }, "--gates must be", "--gates"],
    [{ autoPush: true, maxUses: 0 }, "--max-uses must be", "--max-uses"],
    [{ autoPush: true, maxSpendUsd: -1 }, "--max-spend-usd must be", "--max-spend-usd"],
    [{ autoPush: true, maxSpendUsd: Infinity }, "--max-spend-usd must be", "--max-spend-usd"],
    [{ autoPush: true, bindCommit: "main" }, "--bind-commit must be", "--bind-commit"],
    [{ autoPush: true, bindArtifact: "x" }, "--bind-artifact must be", "--bind-artifact"],
    [{ autoPush: true, quorum: 17 }, "--quorum must be", "--quorum"],
    [{ autoPush: true, agent: "a b" }, "--agent must be", "--agent"],
    [{ autoPush: true, depth: 5 }, "--depth must be", "--depth"],
    [{ autoPush: true, reason: "x".repeat(501) }, "--reason must be", "--reason"],
  ])("refuses %j and names the flag", (changes, problem, flag) => {
    const refusal = refusalOf(changes);
    expect(refusal[0]).toContain(problem);
    expect(refusal[1]).toBe(flag);
  });
});

const deploy: PrivilegedAction = {
  action: "deploy",
  project: "shop",
  environment: "prod",
  target: "docker",
  commit: "c",
  artifact: null,
  run: "r",
};

describe("the command that puts a refusal right", () => {
  it.each<readonly [Partial<PrivilegedAction>, string]>([
    [{}, "--project-ids shop --auto-deploy-prod --targets docker"],
    [{ action: "promote" }, "--auto-deploy-prod --targets docker"],
    [{ action: "rollback" }, "--auto-rollback --environments prod --targets docker"],
    [{ action: "heal", target: null }, "--auto-heal --environments prod --max-uses 1"],
    [{ action: "patch", environment: null, target: null }, "--auto-push --max-uses 1"],
    [{ project: "it's; rm -rf" }, "--project-ids 'it'\\''s; rm -rf' --auto-deploy-prod"],
  ])("makes the least grant for %j", (changes, flags) => {
    const command = createGrantCommand({ ...deploy, ...changes });
    expect(command).toMatch(/^autosd preauth create-grant .* --max-uses 1 --expires-in-hours 1$/);
    expect(command).toContain(flags);
  });

  it("does not make a new grant where the old one will do", () => {
    const at = { stage: 6, link: 0 };
    const fix = (reason: Parameters<typeof failureOf>[0]): string =>
      fixCommand(deploy, "grt_x", [failureOf(reason, at, "x.")]);
    expect(fix("quorum_short")).toBe("autosd preauth approve grt_x");
    expect(fix("rate")).toBe("autosd preauth show grt_x");
    expect(fix("log_pin_fork")).toBe("autosd audit verify");
    expect(fix("gate_missing")).toBe("autosd audit show --kind evidence --project shop");
    expect(fix("expired")).toBe(createGrantCommand(deploy));
    expect(fixCommand(deploy, undefined, [])).toBe(createGrantCommand(deploy));
  });

  it("asks for the gates that are green where the others have no record", () => {
    const facts = { gates: ["lint"], enough: ["tests", "secrets"] };
    const push = { ...deploy, action: "push", environment: null, target: null } as const;
    expect(
      fixCommand(push, "grt_x", [failureOf("gate_missing", { stage: 13, link: 0 }, "x.", facts)]),
    ).toBe(
      "autosd preauth create-grant --project-ids shop --auto-push --gates tests --gates secrets --max-uses 1 --expires-in-hours 1",
    );
  });
});

it("names equal actions alike and different ones apart", () => {
  const names = new Set<string>([idemOf(deploy)]);
  expect(idemOf({ ...deploy })).toBe(idemOf(deploy));
  for (const change of [
    { action: "promote" as const },
    { project: "other" },
    { environment: null },
    { target: null },
    { commit: null },
    { artifact: "a" },
    { run: "r2" },
  ])
    names.add(idemOf({ ...deploy, ...change }));
  expect(names.size).toBe(8);
});
