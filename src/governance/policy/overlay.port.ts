import type { DecisionInput } from "./decision-input.ts";

/** What an overlay says of one action. Its `permits` only means: it has nothing against it. */
export type OverlayVerdict =
  | { readonly kind: "permits"; readonly policies: readonly string[] }
  | { readonly kind: "denies"; readonly policies: readonly string[]; readonly message: string }
  /** Any finding while it was read or evaluated. Denies. */
  | { readonly kind: "error"; readonly message: string };

/** A policy text that was read and validated. Pure, and throws nothing. */
export interface OverlayEvaluator {
  evaluate(input: DecisionInput): OverlayVerdict;
}

/** A policy language besides `policy.json`, loaded when a text of it is there. */
export interface PolicyOverlay {
  /**
   * Reads and strictly validates a text; a warning counts as an error. Never throws: what is wrong
   * (the package that is missing included) is what every evaluation then says.
   */
  load(text: string): Promise<OverlayEvaluator>;
}
