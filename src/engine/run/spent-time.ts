import type { VerificationReport } from "../../delivery/verification/verification.port.ts";

/** Where the time of a story went. */
export interface SpentMs {
  readonly install: number;
  readonly gates: number;
  readonly autosd: number;
}

export function addSpent(a: SpentMs, b: SpentMs): SpentMs {
  return { install: a.install + b.install, gates: a.gates + b.gates, autosd: a.autosd + b.autosd };
}

/** Time of one report: the install by itself, then the gates, which overlap each other. */
export function spentOn(autosdMs: number, report: VerificationReport): SpentMs {
  const install = report.evidence
    .filter((one) => one.gate === "install")
    .reduce((sum, one) => sum + one.durationMs, 0);
  return { install, gates: Math.max(0, report.durationMs - install), autosd: autosdMs };
}
