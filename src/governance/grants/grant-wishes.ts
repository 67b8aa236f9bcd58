import type { Environment } from "./action.ts";

/** What a person asks of a new grant, as typed. What is not asked for is off. */
export interface GrantWishes {
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
