import type { Entropy } from "../../kernel/entropy.ts";
import { createSealedKey } from "./key-envelope.ts";
import type { Signer } from "./signer.port.ts";

/** Bytes that count up from `start`: the same keys in every test run. Never for real keys. */
export function countingEntropy(start: number): Entropy {
  let next = start;
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => (next = (next + 1) % 256)),
  };
}

/** A signer whose key follows from a number, for tests. */
export async function exampleSigner(number: number): Promise<Signer> {
  return (await createSealedKey(countingEntropy(number), undefined, 0)).signer;
}
