import { chown } from "node:fs/promises";

const nobody = 65_534;

/**
 * Does `work` as a user whom permissions bind: root gives its own away for as long. `folders` are given
 * to that user first. In a process of its own tests only: nothing else may be going on meanwhile.
 */
export async function asPlainUser(
  folders: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  for (const folder of folders) await chown(folder, nobody, nobody);
  process.seteuid?.(nobody);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
