import type { PrivilegedAction, PrivilegedActionName } from "./action.ts";
import type { Grant, GrantEntry } from "./grant.ts";

/** Actions that change an environment; asked for without one they are in nobody's scope. */
const inEnvironments: readonly PrivilegedActionName[] = [
  "deploy",
  "promote",
  "rollback",
  "heal",
  "rotate-deployment",
];

/** What of an action the entries of a grant speak about. */
export type Scope = Pick<PrivilegedAction, "action" | "project" | "environment" | "target">;

export type ScopeDimension = "project" | "action" | "environment" | "target";

/** Whether the action works on an environment and a target. */
export function hasEnvironment(action: PrivilegedActionName): boolean {
  return inEnvironments.includes(action);
}

/** Whether the entry covers one member of the scope, the others left aside. */
export function covers(entry: GrantEntry, scope: Scope, dimension: ScopeDimension): boolean {
  switch (dimension) {
    case "project":
      return within(scope.project, entry.locations);
    case "action":
      return entry.actions.includes(scope.action);
    case "environment":
      return scope.environment === null
        ? !hasEnvironment(scope.action)
        : entry.environments.includes(scope.environment);
    case "target":
      return scope.target === null
        ? !hasEnvironment(scope.action)
        : within(scope.target, entry.targets);
  }
}

/** Whether one entry alone allows the scope. */
export function allows(entry: GrantEntry, scope: Scope): boolean {
  return dimensions.every((dimension) => covers(entry, scope, dimension));
}

export const dimensions = ["project", "action", "environment", "target"] as const;

/** Whether everything that `inner` allows, `outer` alone allows too. */
export function isWithin(inner: GrantEntry, outer: GrantEntry): boolean {
  return (
    isSubset(inner.actions, outer.actions) &&
    inner.locations.every((one) => within(one, outer.locations)) &&
    isSubset(inner.environments, outer.environments) &&
    inner.targets.every((one) => within(one, outer.targets))
  );
}

/**
 * What the child may that its parent may not, one sentence each; none when it is narrower or equal
 * in everything. Time, budget and depth only shrink; gates and signatures that are needed only grow.
 */
export function wideningsOf(child: Grant, parent: Grant): readonly string[] {
  return [
    ...entryWidenings(child, parent),
    ...windowWidenings(child, parent),
    ...budgetWidenings(child, parent),
    ...conditionWidenings(child, parent),
  ];
}

function entryWidenings(child: Grant, parent: Grant): readonly string[] {
  return child.authorization_details.flatMap((entry, index) =>
    parent.authorization_details.some((outer) => isWithin(entry, outer))
      ? []
      : [`entry ${index} (${entry.actions.join(", ")}) is within no entry of its parent`],
  );
}

function windowWidenings(child: Grant, parent: Grant): readonly string[] {
  return [
    ...(child.nbf < parent.nbf ? ["it begins before its parent"] : []),
    ...(child.iat < parent.iat ? ["it was issued before its parent"] : []),
    ...(child.exp > parent.exp ? ["it ends after its parent"] : []),
  ];
}

function budgetWidenings(child: Grant, parent: Grant): readonly string[] {
  const inner = child.budget;
  const outer = parent.budget;
  return [
    ...(inner.uses > outer.uses ? [`it has ${inner.uses} uses, its parent ${outer.uses}`] : []),
    ...(inner.spend_microusd > outer.spend_microusd ? ["it may spend more than its parent"] : []),
    ...(inner.min_interval_s < outer.min_interval_s ? ["it may act faster than its parent"] : []),
    ...(child.depth >= parent.depth ? ["it may be delegated as often as its parent"] : []),
  ];
}

function conditionWidenings(child: Grant, parent: Grant): readonly string[] {
  const gates = parent.gates.filter((gate) => !child.gates.includes(gate));
  const waived = (child.waive ?? []).filter((gate) => !(parent.waive ?? []).includes(gate));
  return [
    ...(parent.sub !== "agent:*" && child.sub !== parent.sub
      ? [`it is for ${child.sub}, its parent for ${parent.sub}`]
      : []),
    ...(child.aud === parent.aud ? [] : ["it is for another audit log than its parent"]),
    ...(gates.length > 0 ? [`it leaves out the gates ${gates.join(", ")}`] : []),
    ...(waived.length > 0 ? [`it waives the gates ${waived.join(", ")}`] : []),
    ...(child.break_glass && !parent.break_glass ? ["it breaks glass, its parent does not"] : []),
    ...(child.quorum < parent.quorum ? ["it needs fewer operators than its parent"] : []),
    ...(isBoundAs(child.bind.commit, parent.bind.commit) ? [] : ["it is not bound to the commit"]),
    ...(isBoundAs(child.bind.artifact, parent.bind.artifact)
      ? []
      : ["it is not bound to the artifact"]),
  ];
}

function isBoundAs(inner: string | undefined, outer: string | undefined): boolean {
  return outer === undefined || inner === outer;
}

function within(name: string, names: readonly string[]): boolean {
  return names.includes("*") || names.includes(name);
}

function isSubset<T>(inner: readonly T[], outer: readonly T[]): boolean {
  return inner.every((one) => outer.includes(one));
}
