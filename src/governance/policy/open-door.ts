import { grantIdPattern } from "../grants/grant-limits.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import { idemOf } from "../grants/idem.ts";
import { Authorization } from "./authorization.ts";
import { believedFacts } from "./believed-facts.ts";
import type { Door, DoorRequest, Evaluation, Outcome, Refusal, RuleFinding } from "./door.ts";
import { type PolicyMark, denialEntry, reservationEntry, settlementEntry } from "./door-entries.ts";
import type { DecisionInput } from "./decision-input.ts";
import type { PolicyState } from "./policy-layers.ts";
import { refusalError } from "./refusal-error.ts";
import { decideAt, successOf, type DoorServices, type Papers } from "./door-decision.ts";
import { weakenedPolicy } from "./weakened-policy.ts";

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
  const verdict = await decideAt(services, request, papers, await services.log.facts());
  if (verdict.kind === "refused") {
    const { refusal } = verdict;
    return { kind: "refused", refusal, policyDigest: digestOf(papers.policy.state) };
  }
  const { rules, warnings, policyDigest = "" } = verdict.decision;
  return { kind: "allowed", rules, warnings, policyDigest, grant: verdict.grant.grant.jti };
}

async function authorize(services: DoorServices, request: DoorRequest): Promise<Authorization> {
  const papers = await readPapers(services, request);
  const { state } = papers.policy;
  // Before the decision that names it: a digest without its text could not be decided again.
  if (state.kind === "resolved") await services.archive.keep(state.policy.snapshot);
  const outcome = await Authorization.reserve<Refusal>(
    services.log,
    request.action,
    async (facts) => {
      // Asked again here, where nobody can revoke, halt or spend in between.
      const verdict = await decideAt(services, request, papers, facts);
      const weakened = await weakenedPolicy(services.archive, request, state, facts);
      if (verdict.kind === "refused") {
        const { refusal } = verdict;
        const mark = markOf(papers, refusal.rules, verdict.input);
        const denial = denialEntry(request, refusal, mark);
        return { kind: "refuse", refusal, entries: [...weakened, denial] };
      }
      return {
        kind: "permit",
        before: weakened,
        grant: verdict.grant,
        entry: reservationEntry(
          request,
          verdict.grant,
          markOf(papers, verdict.decision.rules, verdict.input),
        ),
      };
    },
  );
  if (outcome.kind === "refused") throw refusalError(outcome.refusal, outcome.entries.at(-1)?.seq);
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
  const trust = await services.trust();
  await services.log.transact(async (facts) => {
    // What an operator gave back is over: settling it would charge it again.
    const open = (await believedFacts(facts, trust)).reservationOf(idemOf(action));
    if (open?.state !== "open") return { append: [], value: undefined };
    const place = { seq: open.seq, grant: open.chain[0] };
    return { append: [settlementEntry(action, place, outcome)], value: undefined };
  });
}

function digestOf(state: PolicyState): string | undefined {
  return state.kind === "resolved" ? state.policy.digest : undefined;
}

function markOf(
  papers: Papers,
  rules: readonly RuleFinding[],
  input: DecisionInput | undefined,
): PolicyMark | undefined {
  const digest = digestOf(papers.policy.state);
  return digest === undefined ? undefined : { digest, rules, input };
}
