import { realpathSync } from "node:fs";

/** Aborts after `ms`; longer than a timer can count is for ever. */
export function deadlineAfter(ms: number): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(ms, 2 ** 31 - 1));
  return { signal: controller.signal, release: () => clearTimeout(timer) };
}

/** What installed dependencies and remembered gates are good for. */
export function platformOfNode(): string {
  const { versions, platform, arch } = process;
  return `node ${versions.node} abi${versions.modules} ${platform} ${arch}${pythonOfMachine()}`;
}

/** The program that sandboxed commands know as python3; its name tells its version. */
function pythonOfMachine(): string {
  for (const folder of ["/usr/local/bin", "/usr/bin"]) {
    try {
      return ` ${realpathSync(`${folder}/python3`)}`;
    } catch {
      // Not there: the next place, or a machine without one.
    }
  }
  return "";
}
