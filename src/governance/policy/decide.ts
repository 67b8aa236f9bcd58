import { messageOf } from "../../kernel/thrown.ts";
import type { Decision, DecisionRequest } from "./decision.ts";
import type { RuleFinding } from "./door.ts";
import { findingText } from "./policy-finding.ts";
import { type Question, type Rule, rules as allRules } from "./rules.ts";

/**
 * Asks every rule. Total: a rule that throws is an error, and an error denies, like a policy that
 * cannot be used. Pure: the same request always gives the same decision.
 */
export function decide(
  request: DecisionRequest,
  rules: Readonly<Record<string, Rule>> = allRules,
): Decision {
  const { policy } = request;
  if (policy.kind === "unusable") {
    const [first] = policy.findings;
    const message = policy.findings.map(findingText).join("; ");
    const finding = { id: "policy", verdict: "error", message, source: first?.file ?? "" } as const;
    return denial([finding], undefined);
  }
  const { action } = request.input;
  const question: Question = {
    ...request,
    policy: policy.policy,
    limits: policy.policy.limitsFor(action.action, action.environment),
  };
  const findings = Object.entries(rules).flatMap(([id, rule]) => ask(id, rule, question));
  const { digest } = policy.policy;
  if (findings.some((finding) => finding.verdict !== "pass")) return denial(findings, digest);
  const warnings = warningsOf(request);
  return { decision: "allow", code: null, rules: findings, warnings, policyDigest: digest };
}

function ask(id: string, rule: Rule, question: Question): readonly RuleFinding[] {
  try {
    const verdict = rule(question);
    return verdict === undefined ? [] : [{ id, ...verdict }];
  } catch (error) {
    const message = `the rule failed: ${messageOf(error)}`;
    return [{ id, verdict: "error", message, source: "built-in" }];
  }
}

function denial(rules: readonly RuleFinding[], policyDigest: string | undefined): Decision {
  return { decision: "deny", code: codeOf(rules), rules, warnings: [], policyDigest };
}

/** The code that a denial ends with: the most basic reason first. */
export function codeOf(rules: readonly RuleFinding[]): NonNullable<Decision["code"]> {
  const against = rules.filter((rule) => rule.verdict !== "pass");
  if (against.some((rule) => rule.id === "halt")) return "AUTOSD-HALTED";
  if (against.some((rule) => rule.verdict === "error")) return "AUTOSD-POLICY-ERROR";
  return against.some((rule) => rule.id !== "freeze") ? "AUTOSD-POLICY-DENIED" : "AUTOSD-FREEZE";
}

function warningsOf({ input }: DecisionRequest): readonly string[] {
  const isProd = input.action.environment === "prod";
  return [
    ...(isProd && input.grant?.unprotected === true
      ? [`${input.grant.jti} was signed with an unprotected key and reaches prod`]
      : []),
    ...(isProd && input.sandbox === "none"
      ? ["generated code runs without a sandbox and reaches prod"]
      : []),
  ];
}
