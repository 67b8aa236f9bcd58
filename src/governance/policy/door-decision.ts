import type { Clock } from "../../kernel/clock.ts";
import type { AuditLog } from "../audit/audit-log.port.ts";
import { type CheckedGrant, checkGrant } from "../grants/check-grant.ts";
import { fixCommand } from "../grants/fix-command.ts";
import type { GrantStore } from "../grants/grant-store.port.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import { idemOf } from "../grants/idem.ts";
import type { LogFacts, Reservation } from "../grants/log-facts.ts";
import type { GrantFailure } from "../grants/reasons.ts";
import type { VerifiedGrant } from "../grants/verified-grant.ts";
import type { TrustList } from "../keys/trust.ts";
import { believedFacts } from "./believed-facts.ts";
import type { DoorRequest, Refusal, RefusalCode, RuleFinding } from "./door.ts";
import type { Decision } from "./decision.ts";
import type { DecisionInput } from "./decision-input.ts";
import { decide } from "./decide.ts";
import type { HaltSwitch } from "./halt-switch.port.ts";
import type { OverlayEvaluator } from "./overlay.port.ts";
import type { PolicyArchive } from "./policy-archive.port.ts";
import type { PolicyState } from "./policy-layers.ts";
import { because, doubtsOf, standingHaltOver } from "./standing-halt.ts";

/** The policy that covers a project, and its overlay, loaded. */
export interface ProjectPolicy {
  readonly state: PolicyState;
  readonly overlay: OverlayEvaluator | undefined;
}

export interface DoorServices {
  readonly log: AuditLog;
  readonly grants: GrantStore;
  readonly halts: HaltSwitch;
  readonly clock: Clock;
  /** Verified; undefined when there are no keys yet. */
  trust(): Promise<TrustList | undefined>;
  /** Reads; an unknown folder is an unusable policy. */
  policy(request: DoorRequest): Promise<ProjectPolicy>;
  /** Makes a policy readable for as long as the log lasts. */
  readonly archive: PolicyArchive;
  /** What generated code runs in on this machine. */
  readonly sandbox: DecisionInput["sandbox"];
}

/** Read before the log is locked: what a decision needs besides the log's facts. */
export interface Papers {
  readonly trust: TrustList | undefined;
  readonly file: Uint8Array | undefined;
  readonly policy: ProjectPolicy;
}

/** What the door decides. */
export type Verdict =
  | {
      readonly kind: "allowed";
      readonly grant: VerifiedGrant;
      readonly decision: Decision;
      readonly input: DecisionInput;
    }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** What policy was asked; undefined when it never came to that. */
      readonly input: DecisionInput | undefined;
    };

/** Halt, grant, policy: in this order, and all findings of a kind at once. */
export async function decideAt(
  services: DoorServices,
  request: DoorRequest,
  papers: Papers,
  recorded: LogFacts,
): Promise<Verdict> {
  const { action, grant } = request;
  const halt = await haltOf(services, action.project, papers.trust, recorded);
  if (halt !== undefined) {
    const what = halt.project === "*" ? "everything" : `project ${halt.project}`;
    const fix =
      halt.project === "*" ? "autosd resume --all" : `autosd resume --project ${halt.project}`;
    return refuse("AUTOSD-HALTED", `${what} is halted${because(halt.reason)}`, { fix });
  }
  if (grant === undefined)
    return refuse(
      "AUTOSD-PREAUTH-REQUIRED",
      `${action.action} of ${action.project} needs a grant; none was named with --preauth-grant`,
      { fix: fixCommand(action, undefined, []) },
    );
  if (papers.trust === undefined)
    return refuse("AUTOSD-PREAUTH-INVALID", `${grant}: there are no trusted keys on this machine`, {
      fix: "autosd preauth init-keys",
    });
  const facts = await believedFacts(recorded, papers.trust);
  const checked = await check(services, request, { ...papers, trust: papers.trust }, facts);
  const failures = checked.kind === "refused" ? checked.failures : replayOf(facts, action);
  const [first] = failures;
  if (checked.kind === "refused" || first !== undefined)
    return refuse("AUTOSD-PREAUTH-INVALID", first?.message ?? "", {
      fix: fixCommand(action, grant, failures),
      failures,
    });
  return askPolicy(services, request, { papers, grant: checked.grant }, facts);
}

/** What the switch says, or what the log says when somebody took the switch's file away. */
async function haltOf(
  services: DoorServices,
  project: string,
  trust: TrustList | undefined,
  facts: LogFacts,
): Promise<{ readonly project: string; readonly reason: string } | undefined> {
  const thrown = await services.halts.haltOf(project);
  if (thrown !== undefined) return thrown;
  const standing = await standingHaltOver(project, facts, async () => trust);
  if (standing === undefined) return undefined;
  const said = [standing.reason, ...doubtsOf(standing)].filter((one) => one !== "");
  return { project: standing.project, reason: said.join("; ") };
}

async function check(
  services: DoorServices,
  request: DoorRequest,
  papers: Papers & { readonly trust: TrustList },
  facts: LogFacts,
): Promise<CheckedGrant> {
  const { action, grant = "", actor, ceilingMicrousd } = request;
  const { state } = papers.policy;
  const limits =
    state.kind === "resolved"
      ? state.policy.limitsFor(action.action, action.environment).values
      : undefined;
  return checkGrant({
    jti: grant,
    file: papers.file,
    nowMs: services.clock.now(),
    subject: `agent:${actor.id}`,
    action,
    spendCeilingMicrousd: ceilingMicrousd,
    trust: papers.trust,
    facts: withoutFailures(facts),
    revocationOf: (jti) => services.grants.revocationOf(jti),
    requiredGates: limits?.requiredGates ?? [],
    minimumQuorum: limits?.quorum ?? 1,
  });
}

function askPolicy(
  services: DoorServices,
  request: DoorRequest,
  found: { readonly papers: Papers; readonly grant: VerifiedGrant },
  facts: LogFacts,
): Verdict {
  const { papers, grant } = found;
  const { action } = request;
  const input = decisionInput(services, request, grant, facts);
  const { state, overlay } = papers.policy;
  const decision = decide({ policy: state, input, halt: undefined, overlay });
  if (decision.code === null) return { kind: "allowed", grant, decision, input };
  const against = decision.rules.filter((rule) => rule.verdict !== "pass");
  const message = against.map((rule) => `${rule.message} (${rule.source})`).join("; ");
  const inEnvironment = action.environment === null ? "" : ` --env ${action.environment}`;
  // Without the commit, explaining would find that no gates were recorded for it.
  const ofCommit = action.commit === null ? "" : ` --commit ${action.commit}`;
  return refuse(decision.code, message, {
    fix: `autosd policy explain --project ${action.project} --action ${action.action}${inEnvironment}${ofCommit} --preauth-grant ${grant.grant.jti}`,
    rules: decision.rules,
    input,
  });
}

function decisionInput(
  services: DoorServices,
  request: DoorRequest,
  verified: VerifiedGrant,
  facts: LogFacts,
): DecisionInput {
  const { grant } = verified;
  return {
    action: request.action,
    nowMs: services.clock.now(),
    ceilingMicrousd: request.ceilingMicrousd,
    grant: {
      jti: grant.jti,
      operators: [...verified.operators],
      unprotected: verified.unprotected,
      breakGlass: grant.break_glass,
      waivedGates: [...(grant.waive ?? [])],
      lifetimeS: grant.exp - grant.iat,
      delegations: verified.chain.length - 1,
    },
    gates: verified.gates.map(({ name, ok }) => ({ name, ok })),
    lastActionAtMs: facts.usageOf(grant.jti).lastReservedAtMs ?? null,
    burning: null,
    sandbox: services.sandbox,
  };
}

/** What was done is not done again: its recorded result is the answer. */
function replayOf(facts: LogFacts, action: PrivilegedAction): readonly GrantFailure[] {
  const reservation = facts.reservationOf(idemOf(action));
  if (reservation === undefined || successOf(reservation) === undefined) return [];
  const message = `this very action was done already (entry ${reservation.seq})`;
  return [{ reason: "replay", stage: 15, link: 0, message, facts: { seq: reservation.seq } }];
}

/** An action that was reserved and did not happen may be asked for again, at the price of another use. */
function withoutFailures(facts: LogFacts): LogFacts {
  return {
    ...facts,
    reservationOf: (idem) => {
      const reservation = facts.reservationOf(idem);
      const failed = reservation?.state === "settled" && successOf(reservation) === undefined;
      return failed ? undefined : reservation;
    },
  };
}

/** The result of a settled reservation whose action happened. */
export function successOf(
  reservation: Reservation | undefined,
): { readonly result: unknown } | undefined {
  if (reservation?.state !== "settled") return undefined;
  const { result } = reservation;
  if (typeof result !== "object" || result === null || !("ok" in result)) return undefined;
  return result.ok === true ? { result: "value" in result ? result.value : null } : undefined;
}

function refuse(
  code: RefusalCode,
  message: string,
  more: {
    readonly fix: string;
    readonly failures?: readonly GrantFailure[];
    readonly rules?: readonly RuleFinding[];
    readonly input?: DecisionInput;
  },
): Verdict {
  const { fix, failures = [], rules = [], input } = more;
  return { kind: "refused", refusal: { code, message, fix, failures, rules }, input };
}
