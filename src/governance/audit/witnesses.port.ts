import type { WitnessAnswer } from "./witness-request.ts";

/** Witnesses on the network. */
export interface Witnesses {
  /**
   * Puts a request to `<url>/add-checkpoint`. Never throws but for `signal`'s abortion: a witness
   * that is silent for too long, or says too much, is unreachable. Follows no redirect.
   */
  addCheckpoint(
    url: string,
    body: string,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: "answered"; readonly answer: WitnessAnswer }
    | { readonly kind: "unreachable"; readonly message: string }
  >;
}
