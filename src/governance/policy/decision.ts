import type { DecisionInput } from "./decision-input.ts";
import type { RefusalCode, RuleFinding } from "./door.ts";
import type { Halt } from "./halt-switch.port.ts";
import type { OverlayEvaluator } from "./overlay.port.ts";
import type { PolicyState } from "./policy-layers.ts";

export interface DecisionRequest {
  readonly policy: PolicyState;
  readonly input: DecisionInput;
  /** The halt that covers the project, wherever it was found. */
  readonly halt: Halt | undefined;
  /** Undefined: the policy has no overlay. One that could not be loaded evaluates to an error. */
  readonly overlay: OverlayEvaluator | undefined;
}

/** What policy says. It never stands in for a grant: both must allow. */
export interface Decision {
  readonly decision: "allow" | "deny";
  /** Of a denial; null when it is allowed. */
  readonly code: Extract<
    RefusalCode,
    "AUTOSD-POLICY-DENIED" | "AUTOSD-POLICY-ERROR" | "AUTOSD-FREEZE" | "AUTOSD-HALTED"
  > | null;
  /** Every rule that was asked, whatever the others said. */
  readonly rules: readonly RuleFinding[];
  /** What is allowed and should not be. */
  readonly warnings: readonly string[];
  /** Undefined when the policy is unusable. */
  readonly policyDigest: string | undefined;
}
