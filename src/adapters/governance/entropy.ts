import { randomBytes } from "node:crypto";
import type { Entropy } from "../../kernel/entropy.ts";

/** The machine's cryptographic randomness. */
export const systemEntropy: Entropy = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
};
