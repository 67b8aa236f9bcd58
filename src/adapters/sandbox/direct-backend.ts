import type { SandboxCommand, SandboxMount } from "../../delivery/agent/sandbox.port.ts";
import type { ProcessResult, ProcessRunner } from "../../kernel/process.ts";
import { isWithin } from "./mounts.ts";

/**
 * No sandbox: the command runs as autosd, with its rights and its network. Paths inside become the
 * host paths they are mounted from, in the folder, the arguments and the variables. For machines whose
 * owner chose it in the policy; `createSandbox` never falls back to it.
 */
export async function runDirectly(
  runner: ProcessRunner,
  command: SandboxCommand,
  env: Readonly<Record<string, string>>,
): Promise<ProcessResult> {
  const outside = (text: string): string => hostPathOf(text, command.mounts);
  const [program, ...args] = command.command;
  return runner.run({
    command: [outside(program), ...args.map(outside)],
    cwd: outside(command.cwd),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, outside(value)])),
    timeoutMs: command.limits.timeoutMs,
    maxOutputBytes: command.limits.maxOutputBytes,
    ...(command.signal === undefined ? {} : { signal: command.signal }),
    ...(command.dialogue === undefined ? {} : { dialogue: command.dialogue }),
    ...(command.onOutput === undefined ? {} : { onOutput: command.onOutput }),
  });
}

/** The innermost mount decides; a text that is no path inside a mount stays as it is. */
function hostPathOf(text: string, mounts: readonly SandboxMount[]): string {
  const [mount] = mounts
    .filter(({ path }) => isWithin(text, path))
    .sort((one, other) => other.path.length - one.path.length);
  return mount === undefined ? text : mount.hostPath + text.slice(mount.path.length);
}
