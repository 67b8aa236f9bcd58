import { setFlagsFromString } from "node:v8";

/**
 * Lets the heap of this process grow late: a run waits for compilers and tests most of the time, and
 * they are what the memory of the machine is for. Only decides when garbage is collected.
 */
export function spareMemory(): void {
  setFlagsFromString("--optimize-for-size");
}
