import { maxPolicyBytes } from "../../governance/policy/policy-document.ts";
import type { PolicyFinding } from "../../governance/policy/policy-finding.ts";
import { resolvePolicy } from "../../governance/policy/policy-layers.ts";
import { explainPolicy } from "./explain-policy.ts";
import { namedText } from "./named-text.ts";
import type { PolicyCalls } from "./policy-calls.ts";
import type { PolicyServices } from "./policy-services.ts";
import { replayPolicy } from "./replay-policy.ts";
import { showPolicy } from "./show-policy.ts";
import { testPolicy } from "./test-policy.ts";

/** What is wrong with a file, by itself and as a project's layer over the user's. */
async function checkPolicy(
  services: PolicyServices,
  file: string,
): Promise<{ readonly findings: readonly PolicyFinding[] }> {
  const text = await namedText(services, file, maxPolicyBytes);
  const { user } = await services.source.texts({ kind: "unknown", project: "" });
  const state = resolvePolicy({
    user,
    project: { file, content: { kind: "text", text } },
    overlay: { file: "", content: { kind: "absent" } },
  });
  return { findings: state.kind === "unusable" ? state.findings : [] };
}

export function createPolicyCalls(services: PolicyServices): PolicyCalls {
  return {
    show: (input) => showPolicy(services, input),
    explain: (input) => explainPolicy(services, input),
    test: (input) => testPolicy(services, input),
    replay: (seq) => replayPolicy(services, seq),
    check: (file) => checkPolicy(services, file),
  };
}
