import {
  type Environment,
  environments,
  type PrivilegedActionName,
  privilegedActions,
} from "../../governance/grants/action.ts";
import { limitNames } from "../../governance/policy/limits.ts";
import { type PolicyState, resolvePolicy } from "../../governance/policy/policy-layers.ts";
import type { PolicyTexts } from "../../governance/policy/policy-texts.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { PolicyCalls, PolicyView, ShownLimit } from "./policy-calls.ts";
import { policyPlace } from "./policy-place.ts";
import type { PolicyServices } from "./policy-services.ts";

/** The policy in force, each value with its source, and what is known of a grant. Writes nothing. */
export async function showPolicy(
  services: PolicyServices,
  input: Parameters<PolicyCalls["show"]>[0],
): Promise<PolicyView> {
  const place = await policyPlace(services, input);
  const notes: string[] = [];
  const texts = await services.source.texts(place ?? { kind: "unknown", project: "" });
  if (place?.kind !== "folder") {
    const which =
      place === undefined ? "No project was named" : `The folder of ${place.project} is not known`;
    notes.push(
      `${which}: this is what your own policy says. Actions are decided with the project's policy on top, and denied where its folder is not known.`,
    );
  }
  const state = resolvePolicy(place?.kind === "folder" ? texts : withoutProject(texts));
  const grant = input.grant === undefined ? null : await services.grantStanding(input.grant);
  if (grant?.unprotected === true)
    notes.push(
      `${grant.jti} was signed with an unprotected key; "unprotectedKeys": "refuse" in a policy refuses such grants.`,
    );
  for (const version of grant?.trustRecoveries ?? [])
    notes.push(
      `Version ${version} of the trust list was made without a signature of the one before, since the keys were lost: whoever made it vouches for himself.`,
    );
  return {
    schema: "autosd/policy-view@1",
    project: place?.project ?? null,
    directory: place?.kind === "folder" ? place.directory : null,
    notes,
    ...shownState(state, input.environment),
    grant,
  };
}

/** What the user says alone. */
export function withoutProject(texts: PolicyTexts): PolicyTexts {
  const none = { file: "", content: { kind: "absent" } } as const;
  return { user: texts.user, project: none, overlay: none };
}

function shownState(
  state: PolicyState,
  only: Environment | undefined,
): Pick<PolicyView, "digest" | "findings" | "limits" | "freezes" | "overlay"> {
  if (state.kind === "unusable")
    return { digest: null, findings: state.findings, limits: [], freezes: [], overlay: null };
  const { policy } = state;
  return {
    digest: policy.digest,
    findings: [],
    limits: (only === undefined ? [...environments, null] : [only]).flatMap((environment) =>
      limitsIn(policy, environment),
    ),
    freezes: policy.freezes
      .filter((freeze) => only === undefined || (freeze.environments?.includes(only) ?? true))
      .map((freeze) => ({
        name: freeze.name,
        when:
          freeze.weekly === undefined
            ? `${freeze.from ?? ""} to ${freeze.until ?? ""}`
            : `${freeze.weekly.days.join(", ")} ${freeze.weekly.from} to ${freeze.weekly.until} UTC`,
        environments: freeze.environments ?? [],
        source: freeze.source,
      })),
    overlay: policy.overlay?.source ?? null,
  };
}

/** Each limit once, or once for each group of actions that differ in it. */
function limitsIn(
  policy: Extract<PolicyState, { readonly kind: "resolved" }>["policy"],
  environment: Environment | null,
): readonly ShownLimit[] {
  return limitNames.flatMap((name) => {
    const groups = new Map<string, ShownLimit & { readonly actions: PrivilegedActionName[] }>();
    for (const action of privilegedActions) {
      const limits = policy.limitsFor(action, environment);
      const value = limits.values[name];
      const source = limits.sources[name];
      const key = canonicalJson([value, source]);
      const known = groups.get(key);
      if (known !== undefined) known.actions.push(action);
      else
        groups.set(key, {
          environment: environment ?? "none",
          actions: [action],
          name,
          value,
          source,
        });
    }
    return [...groups.values()];
  });
}
