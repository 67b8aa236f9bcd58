import type { EntryDraft } from "../audit/entry.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import { idemOf } from "../grants/idem.ts";
import type { VerifiedGrant } from "../grants/verified-grant.ts";
import type { DecisionInput } from "./decision-input.ts";
import type { DoorRequest, Outcome, Refusal, RuleFinding } from "./door.ts";

/** What the decision rested on: recorded with every decision, so that it can be made again. */
export interface PolicyMark {
  readonly digest: string;
  readonly rules: readonly RuleFinding[];
  /** What policy was asked: with the policy's text, the decision can be made again. */
  readonly input: DecisionInput | undefined;
}

/** What came of a reserved action. */
export function settlementEntry(
  action: PrivilegedAction,
  place: { readonly seq: number; readonly grant: string | undefined },
  outcome: Outcome,
): EntryDraft {
  return {
    ...describe(action),
    kind: "settle",
    actor: { type: "system", id: "autosd", run: action.run },
    idem: idemOf(action),
    ref: place.seq,
    ...(outcome.ok
      ? { cost: outcome.costMicrousd, result: { ok: true, value: outcome.result } }
      : { cost: 0, code: outcome.code, result: { ok: false, message: outcome.message } }),
    ...(place.grant === undefined ? {} : { details: { grant: place.grant } }),
  };
}

/** What a reservation says; the mint adds kind, decision and key. */
export function reservationEntry(
  request: DoorRequest,
  grant: VerifiedGrant,
  policy: PolicyMark | undefined,
): Omit<EntryDraft, "kind" | "idem" | "decision"> {
  return {
    ...describe(request.action),
    actor: request.actor,
    ...policyOf(policy),
    grant: { jti: grant.grant.jti, chain: [...grant.chain], kids: [...grant.kids] },
    gates: grant.gates.map(({ name, ok, evidence }) => ({ name, ok, evidence })),
    break_glass: grant.grant.break_glass,
    cost: request.ceilingMicrousd,
    details: {
      ...(grant.unprotected ? { unprotectedKey: true } : {}),
      ...(policy?.input === undefined ? {} : { input: policy.input }),
    },
  };
}

/** A refusal: logged like what was allowed. */
export function denialEntry(
  request: DoorRequest,
  refusal: Refusal,
  policy: PolicyMark | undefined,
): EntryDraft {
  const { failures, rules, code, message } = refusal;
  const reason = failures[0]?.reason ?? rules.find((rule) => rule.verdict !== "pass")?.id;
  return {
    ...describe(request.action),
    kind: "deny",
    actor: request.actor,
    decision: "deny",
    code,
    ...(reason === undefined ? {} : { reason }),
    ...policyOf(policy),
    details: {
      message,
      // What was typed may be anything; it is a fact about the attempt, not an id.
      asked: request.grant === undefined ? null : request.grant.slice(0, 100),
      ...(policy?.input === undefined ? {} : { input: policy.input }),
      failures: failures.map((one) => ({ reason: one.reason, stage: one.stage, link: one.link })),
    },
  };
}

function policyOf(policy: PolicyMark | undefined): Pick<EntryDraft, "policy"> {
  if (policy === undefined) return {};
  return { policy: { digest: policy.digest, rules: policy.rules.map((rule) => rule.id) } };
}

function describe(action: PrivilegedAction): Omit<EntryDraft, "kind" | "actor"> {
  return {
    action: action.action,
    project: action.project,
    ...(action.environment === null ? {} : { env: action.environment }),
    ...(action.target === null ? {} : { target: action.target }),
    ...(action.commit === null ? {} : { commit: action.commit }),
    ...(action.artifact === null ? {} : { artifact: action.artifact }),
  };
}
