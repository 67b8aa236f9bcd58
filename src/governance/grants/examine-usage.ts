import { isoTime } from "../../kernel/clock.ts";
import type { PrivilegedAction } from "./action.ts";
import { failureOf } from "./failure.ts";
import type { GrantChain } from "./grant-file.ts";
import type { Grant } from "./grant.ts";
import { idemOf } from "./idem.ts";
import type { LogFacts } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";
import { effectiveNowMs } from "./examine-window.ts";

interface UsageCheck {
  readonly nowMs: number;
  readonly action: PrivilegedAction;
  readonly spendCeilingMicrousd: number;
  readonly facts: Pick<LogFacts, "lastTimeMs" | "usageOf" | "reservationOf">;
}

/**
 * Step 15: what is left of the budget of every link, and whether the very action is under way. One
 * that was settled is neither charged nor refused: its recorded result is the answer.
 */
export function usageFailures(check: UsageCheck, links: GrantChain): readonly GrantFailure[] {
  const reservation = check.facts.reservationOf(idemOf(check.action));
  if (reservation?.state === "settled") return [];
  const nowMs = effectiveNowMs(check.nowMs, check.facts);
  return [
    ...links.flatMap(({ grant }, link) => budgetFailures(grant, link, { ...check, nowMs })),
    ...(reservation?.state === "open"
      ? [
          failureOf(
            "replay",
            { stage: 15, link: 0 },
            `This very action was begun at ${isoTime(reservation.reservedAtMs)} (entry ${reservation.seq}) and has not ended.`,
            { seq: reservation.seq },
          ),
        ]
      : []),
  ];
}

function budgetFailures(grant: Grant, link: number, check: UsageCheck): readonly GrantFailure[] {
  const { jti, budget } = grant;
  const place = { stage: 15, link };
  const used = check.facts.usageOf(jti);
  const spent = used.spendMicrousd + check.spendCeilingMicrousd;
  const nextMs =
    used.lastReservedAtMs === undefined ? 0 : used.lastReservedAtMs + budget.min_interval_s * 1_000;
  return [
    ...(used.uses >= budget.uses
      ? [
          failureOf(
            "budget_uses",
            place,
            `${jti} has been used ${used.uses} times of ${budget.uses}.`,
            {
              need: used.uses + 1,
              have: budget.uses,
            },
          ),
        ]
      : []),
    ...(spent > budget.spend_microusd
      ? [
          failureOf(
            "budget_spend",
            place,
            `${jti} may spend ${usd(budget.spend_microusd)}; ${usd(used.spendMicrousd)} is spent or reserved and ${usd(check.spendCeilingMicrousd)} more was requested.`,
            { need: spent, have: budget.spend_microusd },
          ),
        ]
      : []),
    ...(check.nowMs < nextMs
      ? [failureOf("rate", place, `${jti} may be used again at ${isoTime(nextMs)}.`)]
      : []),
  ];
}

function usd(microusd: number): string {
  return `${(microusd / 1_000_000).toFixed(2)} USD`;
}
