import type { Evidence } from "../backlog/backlog.ts";
import type { Proposal } from "../agent/implementer.port.ts";
import type { Criterion } from "../requirements/refined-requirements.ts";

export interface VerificationRequest {
  readonly projectId: string;
  /** Host path of the repository that holds both trees. */
  readonly repository: string;
  readonly baseTree: string;
  readonly tree: string;
  /** `undefined`: the whole project is judged, not a story (no acceptance and integrity gates). */
  readonly story:
    | { readonly id: string; readonly criteria: readonly Criterion[]; readonly proposal: Proposal }
    | undefined;
  /** False: a missing dependency store is a red install gate instead of a download. */
  readonly mayInstall: boolean;
  readonly onGate?: (progress: GateProgress) => void;
  /** Absent: autosd made the whole project. */
  readonly existing?: ExistingWork | undefined;
}

/** A project that was there before autosd: its stories answer for what they change. */
export interface ExistingWork {
  /** What was there. Secrets are looked for in the files that differ from it. */
  readonly tree: string;
  /** Gates that the project did not have, or not in order, before; they are not run. */
  readonly absentGates: readonly string[];
}

export type GateProgress =
  | { readonly kind: "started"; readonly gate: string }
  | { readonly kind: "finished"; readonly gate: string; readonly evidence: Evidence };

/** Everything that was run on one tree. Plain data: it is journaled and comes back on resume. */
export interface VerificationReport {
  readonly schema: "autosd/verification-report@1";
  readonly projectId: string;
  readonly tree: string;
  readonly baseTree: string;
  readonly storyId: string | undefined;
  readonly evidence: readonly Evidence[];
  readonly testsRun: number;
  /** Time from start to end; less than the sum of the gates when they ran side by side. */
  readonly durationMs: number;
}

/** Judges a tree on a clean checkout of it. A red gate is a value; it throws only when the machine cannot judge (no sandbox, disk full). */
export interface Verifier {
  verify(request: VerificationRequest, signal: AbortSignal): Promise<VerificationReport>;
}
