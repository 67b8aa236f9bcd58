import type { GateEvidence, LogFacts } from "../grants/log-facts.ts";
import type { LogTail } from "./log-tail.ts";

/** What the facts of a log need besides its end. */
export interface FactSources {
  readonly origin: string;
  /** Base64 root of the first `size` entries, `size` being no larger than the log. */
  readonly rootAt: (size: number) => Promise<string>;
  /** Gates of a commit that the state does not remember any more. */
  readonly olderGates: (commit: string) => Promise<readonly GateEvidence[]>;
}

/** The facts of a log at the end of `tail`. */
export function factsOf(tail: LogTail, sources: FactSources): LogFacts {
  const { size, state, lastTimeMs } = tail;
  return {
    origin: sources.origin,
    size,
    root: tail.root(),
    lastTimeMs,
    rootAt: async (at) =>
      Number.isSafeInteger(at) && at >= 0 && at <= size ? sources.rootAt(at) : undefined,
    issuedAt: (jti) => state.issuedAt(jti),
    signersOf: (jti) => state.signersOf(jti),
    isRevoked: (jti) => state.revokedAt(jti) !== undefined,
    revokedAt: (jti) => state.revokedAt(jti),
    recordedTrust: () => state.recordedTrust(),
    usageOf: (jti) => state.usageOf(jti),
    reservationOf: (idem) => state.reservationOf(idem),
    openReservationsOf: (jti) => state.openReservationsOf(jti),
    claimedReleases: () => state.claimedReleases(),
    claimedReinstatements: () => state.claimedReinstatements(),
    gatesOf: async (commit) => state.gatesOf(commit) ?? sources.olderGates(commit),
    policyOf: (project) => state.policyOf(project),
    haltOf: (project) => state.haltOf(project),
    recordedHalt: (name) => state.recordedHalt(name),
  };
}
