import type { Environment } from "./action.ts";

/** Which actions, and where. What is not asked for is off. */
export interface RightWishes {
  /** Project ids; `*` stands for all and is never implied. */
  readonly projectIds: readonly string[];
  /** Deploying and promoting into these environments. */
  readonly autoDeploy: readonly Environment[];
  readonly autoRollback: boolean;
  readonly autoHeal: boolean;
  readonly rotateDeployments: boolean;
  readonly autoPush: boolean;
  readonly autoMergePr: boolean;
  readonly createRepos: boolean;
  /** Of rollback, heal and rotation; undefined: those of `autoDeploy`. */
  readonly environments: readonly Environment[] | undefined;
  /** Undefined: any target. */
  readonly targets: readonly string[] | undefined;
}

/** What a person asks of a new grant, as typed. */
export interface GrantWishes extends RightWishes {
  readonly breakGlass: boolean;
  readonly expiresInHours: number;
  readonly maxUses: number | undefined;
  readonly maxSpendUsd: number | undefined;
  readonly minIntervalSeconds: number | undefined;
  readonly gates: readonly string[] | undefined;
  readonly waiveGates: readonly string[] | undefined;
  readonly bindCommit: string | undefined;
  readonly bindArtifact: string | undefined;
  readonly quorum: number | undefined;
  readonly reason: string | undefined;
  /** Name of the only agent that may use it; undefined: any. */
  readonly agent: string | undefined;
  /** How often it may be delegated. */
  readonly depth: number | undefined;
}

/** What a holder asks of a child. What is not asked for is as in the parent, but for `depth`: 0. */
export interface NarrowerWishes extends Omit<RightWishes, "projectIds"> {
  /** Undefined: the parent's. */
  readonly projectIds: readonly string[] | undefined;
  readonly expiresInHours: number | undefined;
  readonly maxUses: number | undefined;
  readonly maxSpendUsd: number | undefined;
  readonly minIntervalSeconds: number | undefined;
  /** Besides the parent's. */
  readonly gates: readonly string[] | undefined;
  readonly waiveGates: readonly string[] | undefined;
  readonly bindCommit: string | undefined;
  readonly bindArtifact: string | undefined;
  readonly reason: string | undefined;
  readonly agent: string | undefined;
  readonly depth: number | undefined;
}

/** How many actions a grant allows when nobody says. */
export const defaultMaxUses = 20;

/** Gates that must be recorded green when nobody says. */
export const defaultGates = ["lint", "types", "tests", "secrets"] as const;

/** Why no grant can be made of the wishes. */
export interface RefusedWish {
  readonly kind: "refused";
  /** A sentence that names the flag. */
  readonly problem: string;
  /** What to look up or to add. */
  readonly flag: string;
}
