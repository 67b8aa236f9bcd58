import { setTimeout as pause } from "node:timers/promises";
import type { FileHandle } from "node:fs/promises";
import { GovernanceError } from "../../governance/errors.ts";
import { lockNamed } from "../../machine/locked-file.ts";
import { openPrivateFile } from "./private-files.ts";

/** A lock file that is replaced while it is being locked is tried again so often. */
const maxReplacements = 20;

/**
 * Does `work` while no other process that uses the same lock file does. The kernel releases the lock
 * of a process that ends, however it ends; it is never taken over by age. Throws
 * AUTOSD-AUDIT-LOCKED when it is not free within `timeoutMs`.
 */
export async function withAuditLock<T>(
  path: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const file = await acquire(path, timeoutMs);
  try {
    return await work();
  } finally {
    await file.close();
  }
}

async function acquire(path: string, timeoutMs: number): Promise<FileHandle> {
  const deadlineMs = performance.now() + timeoutMs;
  let replacements = 0;
  for (;;) {
    const outcome = await attempt(path);
    if (typeof outcome !== "string") return outcome;
    if (outcome === "replaced") replacements += 1;
    if (performance.now() >= deadlineMs || replacements > maxReplacements) throw locked(timeoutMs);
    await pause(Math.random() * 3);
  }
}

async function attempt(path: string): Promise<FileHandle | "busy" | "replaced"> {
  const file = await openPrivateFile(path, { access: "write", create: true, secrecy: "secret" });
  if (file === undefined) return "replaced";
  let outcome: Awaited<ReturnType<typeof lockNamed>> = "busy";
  try {
    outcome = await lockNamed(file, path, "exclusive");
    return outcome === "held" ? file : outcome;
  } finally {
    if (outcome !== "held") await file.close();
  }
}

function locked(timeoutMs: number): GovernanceError {
  return new GovernanceError(
    "AUTOSD-AUDIT-LOCKED",
    `The audit log was not free within ${timeoutMs / 1_000} s.`,
    { details: { timeoutMs } },
  );
}
