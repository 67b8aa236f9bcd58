import type { Clock } from "../../kernel/clock.ts";
import type { AuditLog } from "../audit/audit-log.port.ts";
import { checkGrant } from "../grants/check-grant.ts";
import { fixCommand } from "../grants/fix-command.ts";
import { grantIdPattern } from "../grants/grant.ts";
import type { GrantStore } from "../grants/grant-store.port.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import { idemOf } from "../grants/idem.ts";
import type { LogFacts, Reservation } from "../grants/log-facts.ts";
import type { GrantFailure } from "../grants/reasons.ts";
import type { VerifiedGrant } from "../grants/verified-grant.ts";
import type { TrustList } from "../keys/trust.ts";
import { Authorization } from "./authorization.ts";
import type {
  Door,
  DoorRequest,
  Evaluation,
  Outcome,
  Refusal,
  RefusalCode,
  RuleFinding,
} from "./door.ts";
import { type PolicyMark, denialEntry, reservationEntry, settlementEntry } from "./door-entries.ts";
import type { HaltSwitch } from "./halt-switch.port.ts";
import { refusalError } from "./refusal-error.ts";

/** What the policy of one project says about one action. */
export type ProjectPolicy =
  | {
      readonly kind: "resolved";
      readonly digest: string;
      readonly requiredGates: readonly string[];
      readonly minimumQuorum: number;
      /** Total: a rule that throws is a finding `error`. */
      judge(grant: VerifiedGrant, facts: LogFacts): readonly RuleFinding[];
      /** The code that a failed rule ends with. */
      codeOf(finding: RuleFinding): RefusalCode;
    }
  /** It cannot be read or is not valid: nothing is allowed. */
  | { readonly kind: "unusable"; readonly message: string; readonly remedy: string };

export interface DoorServices {
  readonly log: AuditLog;
  readonly grants: GrantStore;
  readonly halts: HaltSwitch;
  readonly clock: Clock;
  /** Verified; undefined when there are no keys yet. */
  trust(): Promise<TrustList | undefined>;
  policy(request: DoorRequest): Promise<ProjectPolicy>;
}

/** Read before the log is locked: what a decision needs besides the log's facts. */
interface Papers {
  readonly trust: TrustList | undefined;
  readonly file: Uint8Array | undefined;
  readonly policy: ProjectPolicy;
}

type Verdict =
  | {
      readonly kind: "allowed";
      readonly grant: VerifiedGrant;
      readonly rules: readonly RuleFinding[];
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The door over the stores of a machine. Every error on the way refuses. */
export function openDoor(services: DoorServices): Door {
  return {
    evaluate: async (request) => evaluate(services, request),
    authorize: (request) => authorize(services, request),
    settle: (authorization, outcome) => settle(services, authorization, outcome),
    recorded: async (action) => {
      const done = successOf((await services.log.facts()).reservationOf(idemOf(action)));
      return done === undefined ? undefined : { result: done.result };
    },
    reconcile: (action, outcome) => reconcile(services, action, outcome),
  };
}

async function evaluate(services: DoorServices, request: DoorRequest): Promise<Evaluation> {
  const papers = await readPapers(services, request);
  const verdict = await decide(services, request, papers, await services.log.facts());
  const policyDigest = papers.policy.kind === "resolved" ? papers.policy.digest : undefined;
  if (verdict.kind === "refused") return { ...verdict, policyDigest };
  return {
    kind: "allowed",
    rules: verdict.rules,
    policyDigest: policyDigest ?? "",
    grant: verdict.grant.grant.jti,
  };
}

async function authorize(services: DoorServices, request: DoorRequest): Promise<Authorization> {
  const papers = await readPapers(services, request);
  const outcome = await Authorization.reserve<Refusal>(
    services.log,
    request.action,
    async (facts) => {
      // Asked again here, where nobody can revoke, halt or spend in between.
      const verdict = await decide(services, request, papers, facts);
      if (verdict.kind === "refused") {
        const { refusal } = verdict;
        return {
          kind: "refuse",
          refusal,
          entries: [denialEntry(request, refusal, markOf(papers, refusal.rules))],
        };
      }
      return {
        kind: "permit",
        grant: verdict.grant,
        entry: reservationEntry(request, verdict.grant, markOf(papers, verdict.rules)),
      };
    },
  );
  if (outcome.kind === "refused") throw refusalError(outcome.refusal, outcome.entries[0]?.seq);
  return outcome.authorization;
}

async function readPapers(services: DoorServices, request: DoorRequest): Promise<Papers> {
  const { grant } = request;
  const [trust, file, policy] = await Promise.all([
    services.trust(),
    grant !== undefined && grantIdPattern.test(grant) ? services.grants.read(grant) : undefined,
    services.policy(request),
  ]);
  return { trust, file, policy };
}

/** Halt, grant, policy: in this order, and all findings of a kind at once. */
async function decide(
  services: DoorServices,
  request: DoorRequest,
  papers: Papers,
  facts: LogFacts,
): Promise<Verdict> {
  const { action, grant } = request;
  const halted =
    facts.haltOf(action.project)?.reason ?? (await services.halts.haltOf(action.project))?.reason;
  if (halted !== undefined)
    return refuse("AUTOSD-HALTED", `project ${action.project} is halted: ${halted}`, {
      fix: `autosd resume --project ${action.project}`,
    });
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
  if (papers.policy.kind === "unusable")
    return refuse("AUTOSD-POLICY-ERROR", papers.policy.message, { fix: papers.policy.remedy });
  return decideGrant(services, request, { ...papers, trust: papers.trust }, facts);
}

async function decideGrant(
  services: DoorServices,
  request: DoorRequest,
  papers: Papers & { readonly trust: TrustList },
  facts: LogFacts,
): Promise<Verdict> {
  const { action, grant = "", actor } = request;
  const { policy } = papers;
  if (policy.kind === "unusable")
    return refuse("AUTOSD-POLICY-ERROR", policy.message, { fix: policy.remedy });
  const checked = await checkGrant({
    jti: grant,
    file: papers.file,
    nowMs: services.clock.now(),
    subject: `agent:${actor.id}`,
    action,
    spendCeilingMicrousd: request.ceilingMicrousd,
    trust: papers.trust,
    facts: withoutFailures(facts),
    revocationOf: (jti) => services.grants.revocationOf(jti),
    requiredGates: policy.requiredGates,
    minimumQuorum: policy.minimumQuorum,
  });
  const replayed = replayOf(facts, action);
  const failures = checked.kind === "refused" ? checked.failures : replayed;
  const [first] = failures;
  if (checked.kind === "refused" || first !== undefined)
    return refuse("AUTOSD-PREAUTH-INVALID", first?.message ?? "", {
      fix: fixCommand(action, grant, failures),
      failures,
    });
  const rules = policy.judge(checked.grant, facts);
  const against = rules.find((rule) => rule.verdict !== "pass");
  if (against !== undefined)
    return refuse(policy.codeOf(against), against.message, {
      fix: `autosd policy explain --project ${action.project} --action ${action.action}${action.environment === null ? "" : ` --env ${action.environment}`} --preauth-grant ${grant}`,
      rules,
    });
  return { kind: "allowed", grant: checked.grant, rules };
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
    origin: facts.origin,
    size: facts.size,
    root: facts.root,
    lastTimeMs: facts.lastTimeMs,
    rootAt: (size) => facts.rootAt(size),
    issuedAt: (jti) => facts.issuedAt(jti),
    isRevoked: (jti) => facts.isRevoked(jti),
    usageOf: (jti) => facts.usageOf(jti),
    gatesOf: (commit) => facts.gatesOf(commit),
    haltOf: (project) => facts.haltOf(project),
    reservationOf: (idem) => {
      const reservation = facts.reservationOf(idem);
      const failed = reservation?.state === "settled" && successOf(reservation) === undefined;
      return failed ? undefined : reservation;
    },
  };
}

/** The result of a settled reservation whose action happened. */
function successOf(reservation: Reservation | undefined): { readonly result: unknown } | undefined {
  if (reservation?.state !== "settled") return undefined;
  const { result } = reservation;
  if (typeof result !== "object" || result === null || !("ok" in result)) return undefined;
  return result.ok === true ? { result: "value" in result ? result.value : null } : undefined;
}

async function settle(
  services: DoorServices,
  authorization: Authorization,
  outcome: Outcome,
): Promise<void> {
  if (!Authorization.isGenuine(authorization) || authorization.action.kind !== "privileged")
    throw new TypeError("only what the door authorized can be settled");
  const { action, reservation, grant } = authorization.action;
  await services.log.transact(async () => ({
    append: [settlementEntry(action, { seq: reservation, grant }, outcome)],
    value: undefined,
  }));
}

async function reconcile(
  services: DoorServices,
  action: PrivilegedAction,
  outcome: Outcome,
): Promise<void> {
  // Asked without the lock first: nearly always there is nothing to reconcile.
  if ((await services.log.facts()).reservationOf(idemOf(action))?.state !== "open") return;
  await services.log.transact(async (facts) => {
    const open = facts.reservationOf(idemOf(action));
    if (open?.state !== "open") return { append: [], value: undefined };
    const place = { seq: open.seq, grant: open.chain[0] };
    return { append: [settlementEntry(action, place, outcome)], value: undefined };
  });
}

function markOf(papers: Papers, rules: readonly RuleFinding[]): PolicyMark | undefined {
  return papers.policy.kind === "resolved" ? { digest: papers.policy.digest, rules } : undefined;
}

function refuse(
  code: RefusalCode,
  message: string,
  more: {
    readonly fix: string;
    readonly failures?: readonly GrantFailure[];
    readonly rules?: readonly RuleFinding[];
  },
): Verdict {
  const { fix, failures = [], rules = [] } = more;
  return { kind: "refused", refusal: { code, message, fix, failures, rules } };
}
