/** What an operation is measured as: the kind of feature that serves it. */
export type TimedOperation =
  "create" | "read" | "list" | "search" | "filter" | "sort" | "update" | "delete" | "count";

/** One property of the whole product, so far as it can be held against a running one. */
export type QualityAspect =
  | {
      readonly kind: "response-time";
      readonly limitMs: number;
      /** How many records there are; undefined: not said. */
      readonly records: number | undefined;
      /** Undefined: every operation. */
      readonly operation: TimedOperation | undefined;
      /** `Entity.name`; undefined: of every entity that has the operation. */
      readonly entity: string | undefined;
    }
  /** What was answered for is still there after the process was killed; `power`: after the power was cut, too. */
  | { readonly kind: "durability"; readonly power: boolean }
  | { readonly kind: "body-limit"; readonly bytes: number }
  /** A refusal names the field that is wrong. */
  | { readonly kind: "named-faults" }
  | { readonly kind: "health" }
  | { readonly kind: "metrics" }
  | { readonly kind: "graceful-stop" }
  | { readonly kind: "settings" }
  | { readonly kind: "logs"; readonly withoutSecrets: boolean }
  | { readonly kind: "api-document" }
  | { readonly kind: "json" }
  | { readonly kind: "every-letter" }
  | { readonly kind: "times-in-utc" }
  | { readonly kind: "no-injection" }
  | { readonly kind: "tokens" }
  /** Stated with a figure that nothing here measures. */
  | { readonly kind: "other-measure"; readonly figure: string }
  /** Stated without anything that a test could hold it to. */
  | { readonly kind: "unmeasured"; readonly words: string };

/** A sentence on the whole product, taken apart. */
export interface Quality {
  readonly sentence: string;
  /** The words of the sentence that state it. */
  readonly statement: string;
  readonly kind:
    | "performance"
    | "security"
    | "reliability"
    | "usability"
    | "operability"
    | "compatibility"
    | "legal";
  readonly aspects: readonly QualityAspect[];
  /** False where the sentence says `should`, `ideally` or the like. */
  readonly isMust: boolean;
}

/** The criteria that show an aspect to hold, as features with keys of their criteria, and what they leave open. */
export interface AspectProof {
  readonly by: readonly { readonly feature: string; readonly key: string }[];
  /** Why it is not proven, or which part of it; undefined when it is. */
  readonly open: string | undefined;
}
