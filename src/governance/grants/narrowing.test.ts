import { describe, expect, it } from "vitest";
import { grantOf } from "../../../test/support/grants.ts";
import { environments, privilegedActions } from "./action.ts";
import type { Grant, GrantEntry } from "./grant.ts";
import { allows, hasEnvironment, type Scope, wideningsOf } from "./narrowing.ts";

const seed = 20_260_131;
const pairs = 100_000;
const projects = ["a", "b", "c"] as const;
const targets = ["docker", "process"] as const;

/** Every concrete action of a small world; what a grant allows is a set of these. */
const world: readonly Scope[] = privilegedActions.flatMap((action) =>
  projects.flatMap((project): readonly Scope[] =>
    hasEnvironment(action)
      ? environments.flatMap((environment) =>
          targets.map((target) => ({ action, project, environment, target })),
        )
      : [{ action, project, environment: null, target: null }],
  ),
);

/** Mulberry32: the same numbers on every machine. */
function randomSource(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = randomSource(seed);
const chance = (share: number): boolean => random() < share;
const below = (limit: number): number => Math.floor(random() * limit);

function someOf<T>(items: readonly T[], least: number): T[] {
  const chosen = items.filter(() => chance(0.6));
  return chosen.length >= least ? chosen : items.slice(0, Math.max(least, 1));
}

function randomEntry(): GrantEntry {
  return {
    type: "autosd/privileged",
    actions: someOf(privilegedActions, 1),
    locations: chance(0.3) ? ["*"] : someOf(projects, 1),
    environments: someOf(environments, 0),
    targets: chance(0.4) ? ["*"] : someOf(targets, 0),
  };
}

function randomParent(): Grant {
  return grantOf({
    authorization_details: Array.from({ length: 1 + below(3) }, randomEntry),
    gates: someOf(["lint", "tests", "types"], 0),
    budget: { uses: 2 + below(9), spend_microusd: 1 + below(1_000), min_interval_s: 1 + below(60) },
    depth: 1 + below(4),
    quorum: 1 + below(2),
    break_glass: chance(0.5),
  });
}

function narrowedEntry(entry: GrantEntry): GrantEntry {
  return {
    ...entry,
    actions: someOf(entry.actions, 1),
    locations: someOf(entry.locations.includes("*") && chance(0.7) ? projects : entry.locations, 1),
    environments: entry.environments.filter(() => chance(0.7)),
    targets: (entry.targets.includes("*") && chance(0.7) ? [...targets] : entry.targets).filter(
      () => chance(0.7),
    ),
  };
}

function narrowedChild(parent: Grant): Grant {
  const { budget } = parent;
  const entries = someOf(parent.authorization_details, 1).map(narrowedEntry);
  return {
    ...parent,
    authorization_details: entries,
    iat: parent.iat + below(3),
    nbf: parent.nbf + below(3),
    exp: parent.exp - below(3),
    gates: [...parent.gates, ...(chance(0.5) ? ["secrets"] : [])],
    budget: {
      uses: budget.uses - below(2),
      spend_microusd: budget.spend_microusd - below(2),
      min_interval_s: budget.min_interval_s + below(2),
    },
    depth: below(parent.depth),
    quorum: parent.quorum + below(2),
    break_glass: parent.break_glass && chance(0.5),
  };
}

function allowedBy(entries: readonly GrantEntry[]): ReadonlySet<Scope> {
  return new Set(world.filter((scope) => entries.some((entry) => allows(entry, scope))));
}

/** One claim more than the parent has. */
const widenings: readonly ((child: Grant, parent: Grant) => Grant)[] = [
  (child, parent) => ({ ...child, exp: parent.exp + 1 }),
  (child, parent) => ({ ...child, nbf: parent.nbf - 1 }),
  (child, parent) => ({ ...child, iat: parent.iat - 1 }),
  (child, parent) => ({ ...child, depth: parent.depth }),
  (child, parent) => ({ ...child, budget: { ...child.budget, uses: parent.budget.uses + 1 } }),
  (child, parent) => ({
    ...child,
    budget: { ...child.budget, spend_microusd: parent.budget.spend_microusd + 1 },
  }),
  (child, parent) => ({
    ...child,
    budget: { ...child.budget, min_interval_s: parent.budget.min_interval_s - 1 },
  }),
  (child, parent) => ({ ...child, quorum: parent.quorum - 1 }),
  (child) => ({ ...child, aud: "autosd:elsewhere" }),
];

describe("narrowing", () => {
  it(`accepts what is narrower, and only what is a subset, in ${pairs} random pairs`, () => {
    for (let count = 0; count < pairs; count += 1) {
      const parent = randomParent();
      const child = narrowedChild(parent);
      // Not `expect`: a hundred thousand of them take longer than all else.
      if (wideningsOf(child, parent).length > 0)
        throw new Error(`refused: ${JSON.stringify({ child, parent })}`);
      // The set says the same as the rule; every tenth pair, for it visits the whole world.
      if (count % 10 !== 0) continue;
      const outer = allowedBy(parent.authorization_details);
      for (const scope of allowedBy(child.authorization_details))
        expect(outer.has(scope)).toBe(true);
    }
  }, 60_000);

  it(`refuses one claim too many in ${pairs} random pairs`, () => {
    for (let count = 0; count < pairs; count += 1) {
      const parent = randomParent();
      const child = narrowedChild(parent);
      const widen = widenings[count % widenings.length];
      const wider = widen === undefined ? child : widen(child, parent);
      if (wideningsOf(wider, parent).length === 0)
        throw new Error(`accepted: ${JSON.stringify({ wider, parent })}`);
    }
  }, 60_000);

  it("never accepts entries that allow an action which the parent's do not", () => {
    let refused = 0;
    for (let count = 0; count < 20_000; count += 1) {
      const parent = randomParent();
      // Unrelated entries: mostly wider, at times not.
      const child = { ...narrowedChild(parent), authorization_details: [randomEntry()] };
      const outer = allowedBy(parent.authorization_details);
      const inner = [...allowedBy(child.authorization_details)];
      if (inner.every((scope) => outer.has(scope))) continue;
      refused += 1;
      expect(wideningsOf(child, parent).length).toBeGreaterThan(0);
    }
    expect(refused).toBeGreaterThan(10_000);
  }, 60_000);
});
