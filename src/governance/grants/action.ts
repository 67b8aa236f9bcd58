/** What needs a grant. `deploy` and `promote` name the environment that is changed. */
export const privilegedActions = [
  "deploy",
  "promote",
  "rollback",
  "heal",
  "patch",
  "push",
  "merge-pr",
  "create-repo",
  "rotate-deployment",
] as const;
export type PrivilegedActionName = (typeof privilegedActions)[number];

export const environments = ["dev", "staging", "prod"] as const;
export type Environment = (typeof environments)[number];

/** Names of projects and targets inside grants; `*` alone stands for all of them. */
export const scopeName = /^(\*|[a-z0-9][a-z0-9._-]{0,63})$/;

/**
 * One action on the outside, exactly: what a decision, a reservation and an authorization are about.
 * Absent members are null, so that equal actions have equal canonical JSON.
 */
export interface PrivilegedAction {
  readonly action: PrivilegedActionName;
  readonly project: string;
  /** Null for actions that have none (push, merge-pr, create-repo). */
  readonly environment: Environment | null;
  readonly target: string | null;
  /** Full commit id. */
  readonly commit: string | null;
  /** `sha256:` digest of what is shipped. */
  readonly artifact: string | null;
  readonly run: string;
}
