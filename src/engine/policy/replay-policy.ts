import { GovernanceError } from "../../governance/errors.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import { decide } from "../../governance/policy/decide.ts";
import { decisionInputSchema } from "../../governance/policy/decision-input.ts";
import { resolvePolicy } from "../../governance/policy/policy-layers.ts";
import { textsOfSnapshot } from "../../governance/policy/policy-texts.ts";
import type { PolicyReplay } from "./policy-calls.ts";
import type { PolicyServices } from "./policy-services.ts";

/** Makes a recorded decision again, from the recorded facts and the policy of its digest. */
export async function replayPolicy(
  services: Pick<PolicyServices, "audit" | "confirmEntry" | "archive" | "overlay">,
  seq: number,
): Promise<PolicyReplay> {
  const entry = await (await services.audit()).entry(seq);
  if (entry === undefined) throw notReplayable(seq, "is not in the audit log");
  await services.confirmEntry(seq);
  const { policy } = entry;
  const input = decisionInputSchema.safeParse(entry.details?.["input"]);
  if (policy === undefined || !input.success || entry.decision === undefined)
    throw notReplayable(seq, "holds no decision of policy");
  const snapshot = await services.archive.read(policy.digest);
  if (snapshot === undefined)
    throw new GovernanceError(
      "AUTOSD-AUDIT-TAMPERED",
      `The policy ${policy.digest} of entry ${seq} is gone.`,
    );
  const texts = textsOfSnapshot(snapshot);
  if (texts === undefined)
    throw notReplayable(seq, "was decided by an autosd with another built-in policy");
  const state = resolvePolicy(texts);
  const overlay =
    state.kind === "resolved" && state.policy.overlay !== undefined
      ? await services.overlay.load(state.policy.overlay.text)
      : undefined;
  const now = decide({ policy: state, input: input.data, halt: undefined, overlay });
  const recorded = recordedIn(entry);
  return {
    schema: "autosd/policy-replay@1",
    seq,
    same: now.decision === recorded.decision && now.code === recorded.code,
    policyDigest: policy.digest,
    recorded,
    now: { decision: now.decision, code: now.code, rules: now.rules },
  };
}

function recordedIn(entry: Entry): PolicyReplay["recorded"] {
  return { decision: entry.decision ?? "deny", code: entry.code ?? null };
}

function notReplayable(seq: number, why: string): GovernanceError {
  return new GovernanceError("AUTOSD-AUDIT-QUERY", `Entry ${seq} ${why}.`, {
    remedy: "autosd audit show --decision deny",
  });
}
