import type { DecisionInput } from "./decision-input.ts";
import type { DecisionRequest } from "./decision.ts";
import { isFrozen } from "./freeze-windows.ts";
import type { LimitName } from "./limits.ts";
import type { ResolvedLimits, ResolvedPolicy } from "./policy-layers.ts";
import { because } from "./standing-halt.ts";

/** What a rule makes of a request; `source` is where the value stands that it went by. */
export interface Verdict {
  readonly verdict: "pass" | "fail" | "error";
  readonly message: string;
  readonly source: string;
}

/** What rules are asked about. */
export interface Question {
  readonly input: DecisionInput;
  readonly policy: ResolvedPolicy;
  readonly limits: ResolvedLimits;
  readonly halt: DecisionRequest["halt"];
  readonly overlay: DecisionRequest["overlay"];
}

/** Undefined: it does not apply. One that throws has failed to decide: `decide` makes it an error. */
export type Rule = (question: Question) => Verdict | undefined;

type Grant = NonNullable<DecisionInput["grant"]>;

const microusd = 1_000_000;

function verdictOf(limits: ResolvedLimits, name: LimitName, ok: boolean, message: string): Verdict {
  return { verdict: ok ? "pass" : "fail", message, source: limits.sources[name] };
}

/** A rule about the grant that was verified; without one there is nothing to say. */
function onGrant(rule: (grant: Grant, question: Question) => Verdict): Rule {
  return (question) =>
    question.input.grant === null ? undefined : rule(question.input.grant, question);
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? "none" : items.join(", ");
}

const notHalted: Rule = ({ input, halt }) => ({
  verdict: halt === undefined ? "pass" : "fail",
  message:
    halt === undefined
      ? `${input.action.project} is not halted`
      : `${halt.project === "*" ? "everything" : halt.project} is halted by ${halt.by}${because(halt.reason)}`,
  source: "halt",
});

const allowedAction: Rule = ({ input, limits }) => {
  const allowed = limits.values.allowedActions;
  const { action } = input.action;
  return verdictOf(
    limits,
    "allowedActions",
    allowed.includes(action),
    `allowed are ${listed(allowed)}; ${action} was asked for`,
  );
};

const allowedTarget: Rule = ({ input, limits }) => {
  const { target } = input.action;
  if (target === null) return undefined;
  const allowed = limits.values.allowedTargets;
  const isAllowed = allowed.includes("*") || allowed.includes(target);
  const message = `allowed targets are ${listed(allowed)}; ${target} was asked for`;
  return verdictOf(limits, "allowedTargets", isAllowed, message);
};

const spend: Rule = ({ input, limits }) => {
  const most = limits.values.maxSpendUsd;
  const asked = input.ceilingMicrousd / microusd;
  const message = `one action may cost ${most} USD; it may cost ${asked}`;
  const isWithin = input.ceilingMicrousd <= Math.round(most * microusd);
  return verdictOf(limits, "maxSpendUsd", isWithin, message);
};

const interval: Rule = ({ input, limits }) => {
  const least = limits.values.minIntervalSeconds;
  const { lastActionAtMs, nowMs } = input;
  if (lastActionAtMs === null)
    return verdictOf(limits, "minIntervalSeconds", true, "the grant was not used before");
  const since = Math.floor((nowMs - lastActionAtMs) / 1000);
  const message = `${least} s must lie between two actions; the last was ${since} s ago`;
  return verdictOf(limits, "minIntervalSeconds", since >= least, message);
};

const sandbox: Rule = ({ input, limits }) => {
  const isOk = input.sandbox === "isolated" || limits.values.sandboxNone === "allow";
  const how = input.sandbox === "none" ? "without a sandbox" : "in a sandbox";
  return verdictOf(limits, "sandboxNone", isOk, `generated code runs ${how}`);
};

const serviceLevels: Rule = ({ input, limits }) => {
  const names = limits.values.refuseWhenBurning;
  if (names.length === 0) return undefined;
  const source = limits.sources.refuseWhenBurning;
  if (input.burning === null)
    return { verdict: "error", message: "nobody knows which service levels burn", source };
  const burning = input.burning.filter((one) => names.includes("*") || names.includes(one));
  const message =
    burning.length === 0
      ? `none of ${listed(names)} burns its budget`
      : `the budget of ${listed(burning)} burns`;
  return { verdict: burning.length === 0 ? "pass" : "fail", message, source };
};

const quorum = onGrant((grant, { limits }) => {
  const need = limits.values.quorum;
  const have = new Set(grant.operators).size;
  const message = `${need} operators must have signed; ${have} did`;
  return verdictOf(limits, "quorum", have >= need, message);
});

const gates = onGrant((grant, { input, limits }) => {
  const needed = limits.values.requiredGates.filter((gate) => !grant.waivedGates.includes(gate));
  const green = input.gates.filter((gate) => gate.ok).map((gate) => gate.name);
  const missing = needed.filter((gate) => !green.includes(gate));
  const message =
    missing.length === 0
      ? `recorded green: ${listed(needed)}`
      : `not recorded green for the commit: ${listed(missing)}`;
  return verdictOf(limits, "requiredGates", missing.length === 0, message);
});

const protectedKeys = onGrant((grant, { limits }) =>
  verdictOf(
    limits,
    "unprotectedKeys",
    !grant.unprotected || limits.values.unprotectedKeys === "allow",
    grant.unprotected ? `${grant.jti} was signed with an unprotected key` : "keys are protected",
  ),
);

const breakGlass = onGrant((grant, { limits }) =>
  verdictOf(
    limits,
    "breakGlass",
    !grant.breakGlass || limits.values.breakGlass === "allow",
    grant.breakGlass ? `${grant.jti} breaks glass` : "the grant does not break glass",
  ),
);

const lifetime = onGrant((grant, { limits }) => {
  const hours = limits.values.maxGrantLifetimeHours;
  const isWithin = grant.lifetimeS <= Math.round(hours * 3_600);
  const message = `a grant may live ${hours} h; this one lives ${grant.lifetimeS / 3_600} h`;
  return verdictOf(limits, "maxGrantLifetimeHours", isWithin, message);
});

const delegation = onGrant((grant, { limits }) => {
  const most = limits.values.maxDelegationDepth;
  const message = `a grant may be delegated ${most} times; this one was ${grant.delegations} times`;
  return verdictOf(limits, "maxDelegationDepth", grant.delegations <= most, message);
});

const freeze: Rule = ({ input, policy }) => {
  const frozen = policy.freezes.filter((one) => isFrozen(one, input));
  const [first] = frozen;
  if (first === undefined)
    return { verdict: "pass", message: "no freeze covers it now", source: "built-in" };
  const reasons = frozen.map(({ name, reason }) =>
    reason === undefined ? name : `${name} (${reason})`,
  );
  return {
    verdict: "fail",
    message: `frozen now: ${reasons.join("; ")}`,
    source: frozen.map((one) => one.source).join(" and "),
  };
};

const overlay: Rule = ({ input, policy, overlay: evaluator }) => {
  if (policy.overlay === undefined) return undefined;
  const { source } = policy.overlay;
  if (evaluator === undefined)
    return { verdict: "error", message: "the overlay was not loaded", source };
  const said = evaluator.evaluate(input);
  if (said.kind === "error") return { verdict: "error", message: said.message, source };
  if (said.kind === "denies") return { verdict: "fail", message: said.message, source };
  return { verdict: "pass", message: `permitted by ${listed(said.policies)}`, source };
};

/** In the order in which they are shown. The ids are public and stable. */
export const rules: Readonly<Record<string, Rule>> = {
  halt: notHalted,
  action: allowedAction,
  target: allowedTarget,
  quorum,
  gates,
  "unprotected-keys": protectedKeys,
  "break-glass": breakGlass,
  "grant-lifetime": lifetime,
  delegation,
  spend,
  interval,
  sandbox,
  "service-levels": serviceLevels,
  freeze,
  overlay,
};
