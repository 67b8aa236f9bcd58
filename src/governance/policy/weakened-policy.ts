import type { EntryDraft } from "../audit/entry.ts";
import type { LogFacts } from "../grants/log-facts.ts";
import type { DoorRequest } from "./door.ts";
import type { PolicyArchive } from "./policy-archive.port.ts";
import { type PolicyState, resolvePolicy } from "./policy-layers.ts";
import { textsOfSnapshot } from "./policy-texts.ts";
import { type Weakening, weakeningsOf } from "./weakenings.ts";

/**
 * What the log must say when a project is decided on by a weaker policy than the last time: one
 * entry, or none. A policy that is looked at for the first time, or cannot be used, is not compared.
 */
export async function weakenedPolicy(
  archive: Pick<PolicyArchive, "read">,
  request: Pick<DoorRequest, "action">,
  state: PolicyState,
  facts: Pick<LogFacts, "policyOf">,
): Promise<readonly EntryDraft[]> {
  const { project, run } = request.action;
  const last = facts.policyOf(project);
  if (state.kind === "unusable" || last === undefined || last.digest === state.policy.digest)
    return [];
  const before = await policyOf(archive, last.digest);
  const weaker = before === undefined ? undefined : weakeningsOf(before, state.policy);
  if (weaker?.length === 0) return [];
  return [
    {
      kind: "config.weakened",
      actor: { type: "system", id: "autosd", run },
      project,
      ref: last.seq,
      reason:
        weaker === undefined
          ? `the policy of entry ${last.seq} cannot be read any more, nor compared`
          : `the policy is weaker than the one of entry ${last.seq}: ${namesOf(weaker)}`,
      details: { before: last.digest, after: state.policy.digest, weaker: weaker ?? null },
    },
  ];
}

function namesOf(weaker: readonly Weakening[]): string {
  return [...new Set(weaker.map(({ what }) => what))].join(", ");
}

/** Undefined for one that is gone, damaged, or of an autosd with another built-in policy. */
async function policyOf(archive: Pick<PolicyArchive, "read">, digest: string) {
  const snapshot = await archive.read(digest).catch(() => undefined);
  const texts = snapshot === undefined ? undefined : textsOfSnapshot(snapshot);
  const state = texts === undefined ? undefined : resolvePolicy(texts);
  return state?.kind === "resolved" ? state.policy : undefined;
}
