import type { Environment } from "./action.ts";
import { entriesOf } from "./compile-entries.ts";
import { invalidWish } from "./compile-grant.ts";
import { type Grant, grantClaims, type GrantEntry } from "./grant.ts";
import type { NarrowerWishes, RefusedWish } from "./grant-wishes.ts";
import { wideningsOf } from "./narrowing.ts";

/** What of a child follows from its parent and the wishes; its key and head are added later. */
export type ChildClaims = Omit<Grant, "cnf">;

export type ChildCompilation =
  { readonly kind: "compiled"; readonly grant: ChildClaims } | RefusedWish;

/** Where, when and under which name the child is made. */
export interface ChildPlace {
  readonly jti: string;
  readonly nowS: number;
  /** `sha256:` of the parent's payload. */
  readonly parentDigest: string;
  readonly log: Grant["log"];
}

/** A child of `parent` that does what was asked for; refused when that is more than the parent may. */
export function compileChild(
  wishes: NarrowerWishes,
  parent: Grant,
  place: ChildPlace,
): ChildCompilation {
  const entries = childEntries(wishes, parent);
  if (entries.kind === "refused") return entries;
  const candidate = {
    ...conditionsOf(wishes, parent),
    v: 1,
    jti: place.jti,
    iss: parent.jti,
    aud: parent.aud,
    iat: place.nowS,
    nbf: Math.max(place.nowS, parent.nbf),
    exp: expiryOf(wishes, parent, place.nowS),
    authorization_details: entries.entries,
    parent: place.parentDigest,
    log: place.log,
  };
  const parsed = grantClaims.omit({ cnf: true }).safeParse(candidate);
  if (!parsed.success) return invalidWish(parsed.error.issues[0]?.path ?? []);
  const widenings = wideningsOf(parsed.data, parent);
  if (widenings.length === 0) return { kind: "compiled", grant: parsed.data };
  return {
    kind: "refused",
    problem: `A child may be narrower than ${parent.jti}, never wider: ${widenings.join("; ")}.`,
    flag: "--help",
  };
}

function conditionsOf(wishes: NarrowerWishes, parent: Grant): Partial<Grant> {
  const waive = wishes.waiveGates ?? parent.waive;
  const { budget, bind } = parent;
  const spend = wishes.maxSpendUsd;
  return {
    sub: wishes.agent === undefined ? parent.sub : `agent:${wishes.agent}`,
    gates: unique([...parent.gates, ...(wishes.gates ?? [])]),
    ...(waive === undefined ? {} : { waive: unique(waive) }),
    budget: {
      uses: wishes.maxUses ?? budget.uses,
      spend_microusd: spend === undefined ? budget.spend_microusd : Math.round(spend * 1_000_000),
      min_interval_s: wishes.minIntervalSeconds ?? budget.min_interval_s,
    },
    break_glass: parent.break_glass,
    reason: wishes.reason ?? parent.reason,
    quorum: parent.quorum,
    bind: {
      ...bind,
      ...(wishes.bindCommit === undefined ? {} : { commit: wishes.bindCommit }),
      ...(wishes.bindArtifact === undefined ? {} : { artifact: wishes.bindArtifact }),
    },
    depth: wishes.depth ?? 0,
  };
}

function expiryOf(wishes: NarrowerWishes, parent: Grant, nowS: number): number {
  if (wishes.expiresInHours === undefined) return parent.exp;
  return nowS + Math.floor(wishes.expiresInHours * 3_600);
}

function childEntries(wishes: NarrowerWishes, parent: Grant): ReturnType<typeof entriesOf> {
  if (!namesRights(wishes)) return narrowedEntries(wishes, parent);
  return entriesOf({
    ...wishes,
    projectIds: wishes.projectIds ?? union(parent, (entry) => entry.locations),
    targets: wishes.targets ?? union(parent, (entry) => entry.targets),
  });
}

/** No right was named: the parent's, in the projects, environments and targets that were. */
function narrowedEntries(wishes: NarrowerWishes, parent: Grant): ReturnType<typeof entriesOf> {
  const entries = parent.authorization_details.flatMap((entry) => {
    const environments = narrowed(entry.environments, wishes.environments);
    if (entry.environments.length > 0 && environments.length === 0) return [];
    return [
      {
        ...entry,
        locations: unique(wishes.projectIds ?? entry.locations),
        environments,
        targets: entry.targets.length === 0 ? [] : unique(wishes.targets ?? entry.targets),
      } satisfies GrantEntry,
    ];
  });
  if (entries.length > 0) return { kind: "entries", entries };
  return {
    kind: "refused",
    problem: `${parent.jti} allows nothing in ${(wishes.environments ?? []).join(", ")}.`,
    flag: "--environments",
  };
}

function narrowed(
  own: readonly Environment[],
  wanted: readonly Environment[] | undefined,
): Environment[] {
  return wanted === undefined ? [...own] : own.filter((one) => wanted.includes(one));
}

function namesRights(wishes: NarrowerWishes): boolean {
  const { autoRollback, autoHeal, rotateDeployments, autoPush, autoMergePr, createRepos } = wishes;
  const switches = [autoRollback, autoHeal, rotateDeployments, autoPush, autoMergePr, createRepos];
  return wishes.autoDeploy.length > 0 || switches.includes(true);
}

function union(parent: Grant, of: (entry: GrantEntry) => readonly string[]): readonly string[] {
  return unique(parent.authorization_details.flatMap(of));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
