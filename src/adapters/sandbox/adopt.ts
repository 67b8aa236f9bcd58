import type { ProcessRunner } from "../../kernel/process.ts";
import { SandboxError } from "./errors.ts";
import type { Identity } from "./plan.ts";

const adoptTimeoutMs = 120_000;

/**
 * Gives a folder and everything below it to the sandbox's user. GNU chown walks by folder handles
 * and never follows a link, so a command that runs in the folder meanwhile cannot lead it outside.
 */
export async function adopt(
  runner: ProcessRunner,
  identity: Identity,
  hostPath: string,
): Promise<void> {
  if (!identity.drop) return;
  const result = await runner.run({
    command: [
      "chown",
      "--recursive",
      "--no-dereference",
      "-P",
      `${identity.uid}:${identity.gid}`,
      "--",
      hostPath,
    ],
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" },
    timeoutMs: adoptTimeoutMs,
    maxOutputBytes: 4_096,
  });
  if (result.end.kind === "exited" && result.end.exitCode === 0) return;
  throw new SandboxError(
    "AUTOSD-SANDBOX-SETUP",
    `${hostPath} could not be given to the sandbox's user: ${result.stderr.trim()}`,
  );
}
