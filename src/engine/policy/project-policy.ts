import type { ProjectPolicy } from "../../governance/policy/door-decision.ts";
import type { PolicyOverlay } from "../../governance/policy/overlay.port.ts";
import { resolvePolicy } from "../../governance/policy/policy-layers.ts";
import type { PolicyPlace, PolicySource } from "../../governance/policy/policy-source.port.ts";

/** What a policy is read with. */
export interface PolicyReading {
  readonly source: PolicySource;
  readonly overlay: PolicyOverlay;
}

/**
 * The policy that covers a project, read now. Never looser than what is there: a folder that is not
 * known, or is not that project's, makes it unusable.
 */
export async function readProjectPolicy(
  { source, overlay }: PolicyReading,
  asked: { readonly project: string; readonly directory: string | undefined },
): Promise<ProjectPolicy> {
  const state = resolvePolicy(await source.texts(await placeOf(source, asked)));
  if (state.kind === "unusable" || state.policy.overlay === undefined)
    return { state, overlay: undefined };
  return { state, overlay: await overlay.load(state.policy.overlay.text) };
}

/** The folder that was named, else the one that is remembered for the id. */
export async function placeOf(
  source: PolicySource,
  asked: { readonly project: string; readonly directory: string | undefined },
): Promise<PolicyPlace> {
  const { project, directory } = asked;
  return directory === undefined ? source.placeOf(project) : { kind: "folder", project, directory };
}
