import { GovernanceError } from "../errors.ts";
import { isoTime } from "../../kernel/clock.ts";
import { failureOf } from "./failure.ts";
import type { GrantChain } from "./grant-file.ts";
import { breakGlassLifetimeS, type Grant, maxLifetimeS } from "./grant.ts";
import type { LogFacts } from "./log-facts.ts";
import type { GrantFailure } from "./reasons.ts";

/** Clocks of machines that share a log differ; more than this is a clock that was set back. */
const maxClockLagMs = 60_000;

/** Step 8: the grant is for this log and for whoever acts. */
export function addresseeFailures(
  check: { readonly subject: string; readonly facts: Pick<LogFacts, "origin"> },
  links: GrantChain,
): readonly GrantFailure[] {
  return [...audienceFailures(check, links), ...subjectFailures(check, links)];
}

/** Step 8: the grant is for this log. */
export function audienceFailures(
  check: { readonly facts: Pick<LogFacts, "origin"> },
  links: GrantChain,
): readonly GrantFailure[] {
  const audience = `autosd:${check.facts.origin}`;
  return links.flatMap(({ grant: { jti, aud } }, link) => {
    const message = `${jti} is for ${aud}; this is ${audience}.`;
    return aud === audience ? [] : [failureOf("audience", { stage: 8, link }, message)];
  });
}

function subjectFailures(
  { subject }: { readonly subject: string },
  links: GrantChain,
): readonly GrantFailure[] {
  return links.flatMap(({ grant: { jti, sub } }, link) => {
    const isMeant = sub === "agent:*" ? subject.startsWith("agent:") : sub === subject;
    const message = `${jti} is for ${sub}, not ${subject}.`;
    return isMeant ? [] : [failureOf("subject", { stage: 8, link }, message)];
  });
}

/**
 * The time that grants are held against: never before the newest entry of the log. Throws
 * AUTOSD-CLOCK-ROLLBACK when the clock stands more than a minute before it.
 */
export function effectiveNowMs(nowMs: number, facts: Pick<LogFacts, "lastTimeMs">): number {
  if (facts.lastTimeMs - nowMs > maxClockLagMs)
    throw new GovernanceError(
      "AUTOSD-CLOCK-ROLLBACK",
      `The clock says ${isoTime(nowMs)}; the newest entry of the audit log was written at ${isoTime(facts.lastTimeMs)}.`,
      { details: { nowMs, lastTimeMs: facts.lastTimeMs } },
    );
  return Math.max(nowMs, facts.lastTimeMs);
}

/** Step 9: every link is in force now, and none lives longer than it may. */
export function timeFailures(
  check: { readonly nowMs: number; readonly facts: Pick<LogFacts, "lastTimeMs"> },
  links: GrantChain,
): readonly GrantFailure[] {
  const nowS = effectiveNowMs(check.nowMs, check.facts) / 1_000;
  return links.flatMap(({ grant }, link) => linkTimeFailures(grant, link, nowS));
}

function linkTimeFailures(grant: Grant, link: number, nowS: number): readonly GrantFailure[] {
  const place = { stage: 9, link };
  // A grant from the future would live longer than `exp - iat` says.
  const begins = Math.max(grant.iat, grant.nbf);
  const longest = grant.break_glass ? breakGlassLifetimeS : maxLifetimeS;
  const lifetimeS = grant.exp - grant.iat;
  return [
    ...(nowS < begins
      ? [failureOf("not_yet", place, `${grant.jti} is valid from ${timeOf(begins)}.`)]
      : []),
    ...(nowS >= grant.exp
      ? [failureOf("expired", place, `${grant.jti} expired at ${timeOf(grant.exp)}.`)]
      : []),
    ...(lifetimeS > longest
      ? [
          failureOf(
            "lifetime_exceeded",
            place,
            `${grant.jti} lives ${lifetimeS} s; ${grant.break_glass ? "a break-glass grant" : "a grant"} may live ${longest} s.`,
            { need: longest, have: lifetimeS },
          ),
        ]
      : []),
  ];
}

function timeOf(epochSeconds: number): string {
  return isoTime(epochSeconds * 1_000);
}
