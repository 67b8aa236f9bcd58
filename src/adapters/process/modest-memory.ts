import { setFlagsFromString } from "node:v8";

/** What V8 calls a later compilation, by its major version; it complains of words it does not know. */
const lateCompilation: Readonly<Record<string, readonly string[]>> = {
  "11": ["--interrupt-budget=400000"],
  "12": ["--invocation-count-for-maglev=2400", "--invocation-count-for-turbofan=20000"],
  "13": ["--invocation-count-for-maglev=2400", "--invocation-count-for-turbofan=20000"],
};

/**
 * From now on the process takes less memory for about the same processor time. The part of the heap
 * for what was just made grows no further (otherwise to 32 MB, of which hardly anything is in use);
 * the rest is cleared when it has grown by a fifth, not to double; WebAssembly stays as it was first
 * compiled; and of the program only what runs again and again is compiled once more: it waits most
 * of the time, and compilers take memory. What was compiled ahead is bound to V8's settings, of
 * Node's own modules too: call this when what the program starts with is loaded.
 */
export function keepMemoryModest(
  set: (flag: string) => void = setFlagsFromString,
  v8Version: string = process.versions.v8,
): void {
  set("--semi-space-growth-factor=1");
  // A process with little to keep is cleared a few times more; one with 100 MB, of which nothing
  // is known here, would take half as much time again for what it makes.
  set("--heap-growing-percent=20");
  set("--no-wasm-dynamic-tiering");
  set("--no-wasm-tier-up");
  set("--no-sparkplug");
  for (const flag of lateCompilation[v8Version.split(".")[0] ?? ""] ?? []) set(flag);
}
