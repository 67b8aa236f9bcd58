import type * as cedarModule from "@cedar-policy/cedar-wasm/nodejs";
import type { DecisionInput } from "../../governance/policy/decision-input.ts";
import type {
  OverlayEvaluator,
  OverlayVerdict,
  PolicyOverlay,
} from "../../governance/policy/overlay.port.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { hasCode } from "../../machine/error-code.ts";
import { cedarSchema } from "./cedar-schema.ts";

type Cedar = typeof cedarModule;
type DetailedError = ReturnType<Cedar["isAuthorized"]>["warnings"][number];

const packageName = "@cedar-policy/cedar-wasm";
const loadInstalled = (): Promise<Cedar> => import("@cedar-policy/cedar-wasm/nodejs");

/**
 * `policy.cedar`, evaluated by Cedar itself. Its package is not installed with autosd: without it
 * every action that the file would speak about is an error.
 */
export function createCedarOverlay(load: () => Promise<Cedar> = loadInstalled): PolicyOverlay {
  return {
    load: async (text) => {
      try {
        return evaluatorOf(await load(), text);
      } catch (error) {
        return failing(missing(error) ?? `Cedar failed: ${messageOf(error)}`);
      }
    },
  };
}

function evaluatorOf(cedar: Cedar, text: string): OverlayEvaluator {
  const flaws = flawsOf(cedar, text);
  if (flaws.length > 0) return failing(`policy.cedar is not valid: ${flaws.join("; ")}`);
  return {
    evaluate: (input) => {
      try {
        return evaluate(cedar, text, input);
      } catch (error) {
        return { kind: "error", message: `Cedar failed: ${messageOf(error)}` };
      }
    },
  };
}

/** Strict, and a warning counts as an error: a policy that cannot match was meant otherwise. */
function flawsOf(cedar: Cedar, text: string): readonly string[] {
  const answer = cedar.validate({
    schema: cedarSchema,
    policies: { staticPolicies: text },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure") return [...answer.errors, ...answer.warnings].map(describe);
  const found = [...answer.validationErrors, ...answer.validationWarnings];
  return [
    ...found.map(({ policyId, error }) => `${policyId}: ${describe(error)}`),
    ...answer.otherWarnings.map(describe),
  ];
}

function evaluate(cedar: Cedar, text: string, input: DecisionInput): OverlayVerdict {
  const { action } = input;
  const answer = cedar.isAuthorized({
    principal: { type: "Agent", id: action.run },
    action: { type: "Action", id: action.action },
    resource: { type: "Project", id: action.project },
    context: contextOf(input),
    schema: cedarSchema,
    validateRequest: true,
    policies: { staticPolicies: text },
    entities: [],
  });
  if (answer.type === "failure")
    return { kind: "error", message: answer.errors.map(describe).join("; ") };
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${describe(error)}`);
  // Cedar leaves out a policy that fails; left out, a forbid would permit.
  if (errors.length > 0) return { kind: "error", message: errors.join("; ") };
  if (answer.warnings.length > 0)
    return { kind: "error", message: answer.warnings.map(describe).join("; ") };
  const policies = diagnostics.reason;
  if (decision === "allow") return { kind: "permits", policies };
  const message =
    policies.length === 0
      ? "no policy of policy.cedar permits it"
      : `policy.cedar forbids it: ${policies.join(", ")}`;
  return { kind: "denies", policies, message };
}

function contextOf(input: DecisionInput): Record<string, boolean | number | string | string[]> {
  const { action, grant, burning } = input;
  const { environment, target, commit, artifact } = action;
  return {
    ...(environment === null ? {} : { environment }),
    ...(target === null ? {} : { target }),
    ...(commit === null ? {} : { commit }),
    ...(artifact === null ? {} : { artifact }),
    run: action.run,
    now_ms: input.nowMs,
    ceiling_microusd: input.ceilingMicrousd,
    sandboxed: input.sandbox === "isolated",
    operators: [...(grant?.operators ?? [])],
    unprotected_key: grant?.unprotected ?? false,
    break_glass: grant?.breakGlass ?? false,
    green_gates: input.gates.filter((gate) => gate.ok).map((gate) => gate.name),
    ...(burning === null ? {} : { burning: [...burning] }),
  };
}

function failing(message: string): OverlayEvaluator {
  return { evaluate: () => ({ kind: "error", message }) };
}

function missing(error: unknown): string | undefined {
  if (!hasCode(error, "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND")) return undefined;
  return `there is a policy.cedar, and ${packageName} is not installed; install it beside autosd: npm install --global ${packageName}@4`;
}

function describe(error: DetailedError): string {
  return error.help === null ? error.message : `${error.message} (${error.help})`;
}
