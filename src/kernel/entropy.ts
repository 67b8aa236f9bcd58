/** Randomness comes in through this port. */
export interface Entropy {
  /** `count` bytes fit for keys. */
  bytes(count: number): Uint8Array;
}
