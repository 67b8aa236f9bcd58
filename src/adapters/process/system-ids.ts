import { randomBytes } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { systemClock } from "./system-clock.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const randomBits = 80n;

/** Where the randomness of ids comes from; replaced in tests. */
export interface IdSources {
  readonly clock: Clock;
  /** `size` bytes that nobody can guess. */
  readonly random: (size: number) => Uint8Array;
}

/**
 * ULIDs that never go back within this process: in one millisecond, and when the clock is set
 * back, the random part counts up. Ids of several processes differ by their 80 random bits.
 */
export function createIds(sources: IdSources): Ids {
  let lastMs = -1;
  let lastRandom = 0n;
  return {
    next(prefix) {
      const nowMs = Math.floor(sources.clock.now());
      if (nowMs > lastMs) {
        lastMs = nowMs;
        lastRandom = toBigInt(sources.random(10));
      } else {
        lastRandom += 1n;
        if (lastRandom >> randomBits !== 0n) {
          lastMs += 1;
          lastRandom = toBigInt(sources.random(10));
        }
      }
      return `${prefix}_${base32((BigInt(lastMs) << randomBits) | lastRandom)}`;
    },
  };
}

/** ULIDs from the machine's clock and its cryptographic randomness. */
export const systemIds: Ids = createIds({ clock: systemClock, random: randomBytes });

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** 26 characters hold 130 bits: 48 of time, 80 of randomness, the two highest always zero. */
function base32(value: bigint): string {
  let text = "";
  let rest = value;
  for (let digit = 0; digit < 26; digit += 1) {
    text = alphabet.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}
