import type { GateProgress } from "../../delivery/verification/verification.port.ts";
import type { RunServices } from "./run-services.ts";

/** Passes what happens to gates on to whoever watches the run. */
export function gateObserver(
  services: Pick<RunServices, "observe">,
): (progress: GateProgress) => void {
  return (progress) =>
    services.observe(
      progress.kind === "started"
        ? { kind: "gate-started", gate: progress.gate }
        : { kind: "gate-finished", evidence: progress.evidence },
    );
}
