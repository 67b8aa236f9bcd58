import type { z } from "zod";
import { limitsSchema, type PolicyLimits } from "./policy-document.ts";

export type LimitName = keyof PolicyLimits;

/** Every limit with a value: what the built-in policy has. */
export const completeLimitsSchema = limitsSchema.required();
export type CompleteLimits = z.infer<typeof completeLimitsSchema>;

/**
 * How layers meet in a limit. `only`: a list of what is allowed, which a layer may shorten; `also`:
 * a list of what is demanded, which layers add to; `least` and `most`: numbers that a layer may
 * raise or lower; `verdict`: `refuse` is stricter than `allow`.
 */
export const limitKinds = {
  allowedActions: "only",
  allowedTargets: "only",
  requiredGates: "also",
  refuseWhenBurning: "also",
  quorum: "least",
  maxSpendUsd: "most",
  minIntervalSeconds: "least",
  maxGrantLifetimeHours: "most",
  maxDelegationDepth: "most",
  unprotectedKeys: "verdict",
  breakGlass: "verdict",
  sandboxNone: "verdict",
} as const satisfies Readonly<Record<LimitName, string>>;

export const limitNames: readonly LimitName[] = Object.keys(limitKinds).filter(
  (name): name is LimitName => Object.hasOwn(limitKinds, name),
);

type LimitValue = NonNullable<PolicyLimits[LimitName]>;

/** Of two values of one limit, the stricter; for lists what both allow, or all that both demand. */
export function stricter(name: LimitName, one: LimitValue, other: LimitValue): LimitValue {
  const kind = limitKinds[name];
  if (Array.isArray(one) && Array.isArray(other))
    return kind === "only" ? common(one, other) : [...new Set([...one, ...other])];
  if (typeof one === "number" && typeof other === "number")
    return kind === "least" ? Math.max(one, other) : Math.min(one, other);
  return one === "refuse" ? one : other;
}

/** What `next` would allow that `base` does not, in words; undefined when it allows no more. */
export function loosening(name: LimitName, base: LimitValue, next: LimitValue): string | undefined {
  const kind = limitKinds[name];
  if (Array.isArray(base) && Array.isArray(next)) {
    if (kind === "also" || includesAll(base)) return undefined;
    const more = next.filter((item) => !base.some((one) => one === item));
    return more.length === 0 ? undefined : more.join(", ");
  }
  if (typeof base === "number" && typeof next === "number") {
    const isLooser = kind === "least" ? next < base : next > base;
    return isLooser ? String(next) : undefined;
  }
  return base === "refuse" && next === "allow" ? "allow" : undefined;
}

function common(one: readonly string[], other: readonly string[]): string[] {
  if (includesAll(one)) return [...other];
  if (includesAll(other)) return [...one];
  return one.filter((item) => other.includes(item));
}

function includesAll(list: readonly string[]): boolean {
  return list.includes("*");
}
