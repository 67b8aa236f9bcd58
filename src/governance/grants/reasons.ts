/** Why a grant does not allow an action: public and stable. */
export const grantReasons = [
  "not_found",
  "malformed",
  "noncanonical",
  "algorithm",
  "key_unknown",
  "key_weak",
  "key_retired",
  "signature",
  "duplicate_signer",
  "quorum_short",
  "chain_length",
  "chain_parent",
  "chain_widened",
  "audience",
  "subject",
  "not_yet",
  "expired",
  "lifetime_exceeded",
  "revoked",
  "revocation_unreadable",
  "log_pin_fork",
  "log_pin_missing",
  "scope_project",
  "scope_action",
  "scope_environment",
  "scope_target",
  "bind_mismatch",
  "gate_missing",
  "budget_uses",
  "budget_spend",
  "rate",
  "replay",
] as const;
export type GrantReason = (typeof grantReasons)[number];

/** One finding of the check. `stage` is the step of the verification order, 1 to 15. */
export interface GrantFailure {
  readonly reason: GrantReason;
  readonly stage: number;
  /** 0: the grant itself; 1: its parent, and so on. */
  readonly link: number;
  /** What was found, in one sentence with the names in it. */
  readonly message: string;
  readonly facts?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}
