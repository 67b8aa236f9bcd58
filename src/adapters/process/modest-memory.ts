import { setFlagsFromString } from "node:v8";

/**
 * From now on the process takes less memory for a little more processor time: the part of the heap
 * for what was just made grows no further (otherwise to 32 MB, of which hardly anything is in use),
 * and WebAssembly stays as it was first compiled. What was compiled ahead is bound to V8's settings,
 * of Node's own modules too: call this when what the program starts with is loaded.
 */
export function keepMemoryModest(set: (flag: string) => void = setFlagsFromString): void {
  set("--semi-space-growth-factor=1");
  set("--no-wasm-dynamic-tiering");
  set("--no-wasm-tier-up");
}
