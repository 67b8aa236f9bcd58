import { GovernanceError } from "../../governance/errors.ts";
import type { PrivilegedAction } from "../../governance/grants/action.ts";
import { decide } from "../../governance/policy/decide.ts";
import type { Evaluation, RuleFinding } from "../../governance/policy/door.ts";
import type { PolicyCalls, PolicyExplanation } from "./policy-calls.ts";
import { policyPlace } from "./policy-place.ts";
import type { PolicyServices } from "./policy-services.ts";
import { readProjectPolicy } from "./project-policy.ts";

/** What the door would say now, with every rule's verdict. Nothing is executed and nothing written. */
export async function explainPolicy(
  services: PolicyServices,
  input: Parameters<PolicyCalls["explain"]>[0],
): Promise<PolicyExplanation> {
  const place = await policyPlace(services, input);
  if (place === undefined)
    throw new GovernanceError("AUTOSD-POLICY-INPUT", "Name the project with --project.", {
      remedy: "autosd policy explain --help",
    });
  const directory = place.kind === "folder" ? place.directory : undefined;
  const about = await commitOf(services, input.commit, directory);
  const action: PrivilegedAction = {
    action: input.action,
    project: place.project,
    environment: input.environment ?? null,
    target: input.target ?? null,
    commit: about.commit,
    artifact: input.artifact ?? null,
    run: "explain",
  };
  const evaluation = await (
    await services.door()
  ).evaluate({
    action,
    grant: input.grant,
    actor: { type: "agent", id: "autosd" },
    ceilingMicrousd: input.ceilingMicrousd,
    directory,
  });
  if (evaluation.kind === "allowed") return { ...allowed(evaluation), ...about };
  const { refusal, policyDigest } = evaluation;
  const rules =
    refusal.rules.length > 0
      ? refusal.rules
      : await rulesWithoutGrant(services, {
          action,
          directory,
          ceilingMicrousd: input.ceilingMicrousd,
        });
  return {
    schema: "autosd/policy-explanation@1",
    decision: "deny",
    code: refusal.code,
    message: refusal.message,
    ...about,
    failures: refusal.failures,
    rules,
    warnings: [],
    fix: refusal.fix,
    policyDigest: policyDigest ?? null,
  };
}

type About = Pick<PolicyExplanation, "commit" | "notes">;

/** What will be shipped is the branch as it is, unless somebody says otherwise. */
async function commitOf(
  services: Pick<PolicyServices, "headOf">,
  named: string | undefined,
  directory: string | undefined,
): Promise<About> {
  if (named !== undefined) return { commit: named, notes: [] };
  const head = directory === undefined ? undefined : await services.headOf(directory);
  if (head === undefined) {
    const note = "No commit was named and the project has none: no gates are recorded for it.";
    return { commit: null, notes: [note] };
  }
  return {
    commit: head,
    notes: [`No commit was named: this is about ${head}, the newest of its branch.`],
  };
}

function allowed(
  evaluation: Extract<Evaluation, { readonly kind: "allowed" }>,
): Omit<PolicyExplanation, keyof About> {
  return {
    schema: "autosd/policy-explanation@1",
    decision: "allow",
    code: null,
    message: `${evaluation.grant} and the policy allow it`,
    failures: [],
    rules: evaluation.rules,
    warnings: evaluation.warnings,
    fix: null,
    policyDigest: evaluation.policyDigest,
  };
}

/** The door stops at the grant; whoever asks why wants to know what policy would say after that. */
async function rulesWithoutGrant(
  services: PolicyServices,
  asked: {
    readonly action: PrivilegedAction;
    readonly directory: string | undefined;
    readonly ceilingMicrousd: number;
  },
): Promise<readonly RuleFinding[]> {
  const { action, directory, ceilingMicrousd } = asked;
  const policy = await readProjectPolicy(services, { project: action.project, directory });
  const input = {
    action,
    nowMs: services.clock.now(),
    ceilingMicrousd,
    grant: null,
    gates: [],
    lastActionAtMs: null,
    burning: null,
    sandbox: services.sandbox,
  };
  return decide({ policy: policy.state, input, halt: undefined, overlay: policy.overlay }).rules;
}
