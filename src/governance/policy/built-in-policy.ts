import { privilegedActions } from "../grants/action.ts";
import { maxLifetimeS } from "../grants/grant.ts";
import type { CompleteLimits } from "./limits.ts";

/**
 * What holds when nobody says anything: the widest that any policy can be, since layers only
 * tighten (docs/adr/2026-11-23-policy-layers.md). Grants and their own limits come on top.
 */
export const builtInLimits: CompleteLimits = {
  allowedActions: [...privilegedActions],
  allowedTargets: ["*"],
  requiredGates: [],
  refuseWhenBurning: [],
  quorum: 1,
  maxSpendUsd: 1_000_000,
  minIntervalSeconds: 0,
  maxGrantLifetimeHours: maxLifetimeS / 3_600,
  maxDelegationDepth: 4,
  unprotectedKeys: "allow",
  breakGlass: "allow",
  sandboxNone: "allow",
};
