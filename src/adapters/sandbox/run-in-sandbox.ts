import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxCommand } from "../../delivery/agent/sandbox.port.ts";
import type { Ids } from "../../kernel/ids.ts";
import type {
  ProcessEnd,
  ProcessResult,
  ProcessRunner,
  ProcessSpec,
} from "../../kernel/process.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { SandboxError } from "./errors.ts";
import { parseStatus, signalName, type RunStatus } from "./status.ts";

/** How long the last processes of a killed sandbox are waited for. */
const deathDeadlineMs = 5_000;
const deathPollMs = 2;

/** The files of one run, in a 0700 folder of autosd's own. */
export interface RunPlace {
  readonly folder: string;
  /** An empty folder over which the new root is mounted. */
  readonly root: string;
  /** A file that takes the facts of the run; the command cannot reach it. */
  readonly status: string;
}

/**
 * Makes the files of one run, hands them to `use`, and removes them whatever happens. Each call here
 * takes microseconds, and handing it to a thread many times that, in every turn of a model.
 */
export async function withRunPlace<T>(
  scratch: string,
  ids: Ids,
  use: (place: RunPlace) => Promise<T>,
): Promise<T> {
  const folder = join(scratch, ids.next("box"));
  const place = { folder, root: join(folder, "root"), status: join(folder, "status") };
  try {
    mkdirSync(place.root, { recursive: true, mode: 0o700 });
    writeFileSync(place.status, "", { flag: "wx", mode: 0o600 });
    return await use(place);
  } finally {
    if (!isTakenAway(place)) await removeFolder(folder);
  }
}

/** The usual case: nothing is left but what was made here. */
function isTakenAway(place: RunPlace): boolean {
  try {
    unlinkSync(place.status);
    rmdirSync(place.root);
    rmdirSync(place.folder);
    return true;
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/**
 * Starts the host process of a backend and tells how the command inside ended. When it resolves,
 * process 1 of the sandbox is gone and, by the kernel's rule, every process inside with it.
 */
export async function runHostProcess(
  runner: ProcessRunner,
  process: Pick<ProcessSpec, "command" | "stdin">,
  place: RunPlace,
  command: SandboxCommand,
): Promise<ProcessResult> {
  const { stdin, ...started } = process;
  const { dialogue } = command;
  const result = await runner.run({
    ...started,
    ...(stdin === undefined || dialogue !== undefined ? {} : { stdin }),
    ...(stdin === undefined || dialogue === undefined ? {} : { orders: stdin }),
    ...(dialogue === undefined ? {} : { dialogue }),
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" },
    timeoutMs: command.limits.timeoutMs,
    maxOutputBytes: command.limits.maxOutputBytes,
    ...(command.signal === undefined ? {} : { signal: command.signal }),
    ...(command.onOutput === undefined ? {} : { onOutput: command.onOutput }),
  });
  const status = parseStatus(textOf(place.status));
  await awaitDeath(status);
  return resolved(result, status);
}

function resolved(result: ProcessResult, status: RunStatus): ProcessResult {
  const { end } = result;
  if (end.kind === "timed-out" || end.kind === "cancelled") return result;
  if (end.kind === "not-started") throw setupError(end.reason, result);
  if (status.failure !== undefined) throw setupError(status.failure, result);
  if (status.end !== undefined) return { ...result, end: status.end };
  if (status.started) return { ...result, end: endOfShell(end) };
  // Process 1 was killed from outside (out of memory, an operator) and could not say so.
  if (end.kind === "signalled" && status.init !== undefined) return result;
  throw setupError(result.stderr.trim().split("\n").at(-1) ?? "no reason was given", result);
}

/** bubblewrap tells a signal as shells do: 128 and its number. */
function endOfShell(end: ProcessEnd): ProcessEnd {
  if (end.kind !== "exited" || end.exitCode <= 128) return end;
  const signal = signalName(end.exitCode - 128);
  return signal === undefined ? end : { kind: "signalled", signal };
}

function setupError(reason: string, result: ProcessResult): SandboxError {
  return new SandboxError("AUTOSD-SANDBOX-SETUP", `the sandbox could not be built: ${reason}`, {
    details: { end: result.end, stderr: result.stderr.slice(0, 2_000) },
  });
}

/** The runner's child is gone, but after a SIGKILL the kernel ends the namespace in its own time. */
async function awaitDeath(status: RunStatus): Promise<void> {
  if (status.init === undefined) return;
  const { pid, namespace } = status.init;
  const endMs = performance.now() + deathDeadlineMs;
  while (isAlive(pid, namespace)) {
    if (performance.now() > endMs) {
      process.kill(pid, "SIGKILL");
      return;
    }
    await delay(deathPollMs);
  }
}

/**
 * Process 1 becomes a zombie only when all others of its namespace are dead. Whoever inherited it may
 * be slow to reap it; a reused id belongs to another namespace.
 */
function isAlive(pid: number, namespace: string): boolean {
  // A program's name in it may be no UTF-8; nothing but what follows is looked at.
  const stat = textOf(`/proc/${pid}/stat`);
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  if (stat === "" || state === "Z" || state === "X") return false;
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
  } catch {
    return false;
  }
}
