import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as delay } from "node:timers/promises";
import { Writable, type Readable } from "node:stream";
import type {
  Dialogue,
  ProcessEnd,
  ProcessResult,
  ProcessRunner,
  ProcessSpec,
} from "../../kernel/process.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { hasCode } from "../../machine/error-code.ts";
import { BoundedOutput } from "./bounded-output.ts";
import { killTree, killTreeNow } from "./process-tree.ts";

export interface ProcessRunnerOptions {
  /** How long a child may take to end by itself after SIGTERM. Default 2,000. */
  readonly killGraceMs?: number;
}

/** What is left of the family after SIGKILL is waited for no longer than this. */
const killDeadlineMs = 5_000;
/** How long output is waited for after the child's own end, when something else holds its pipes. */
const drainMs = 250;
/** The same once the group is dead: only a process that left the group can still hold them. */
const lastDrainMs = 1_000;
/** Longest delay of a Node timer; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Leaders of the groups that run now: ended with this process, which they would outlive. */
const livePids = new Set<number>();
let exitHookIsSet = false;

/**
 * Child processes of this machine, each the leader of a process group of its own. Whatever is left
 * of the group when the child ends is killed, so no command leaves a server behind by accident;
 * descendants that moved to another group are found through /proc on time-out and cancellation.
 */
export function createProcessRunner(options: ProcessRunnerOptions = {}): ProcessRunner {
  const killGraceMs = options.killGraceMs ?? 2_000;
  return { run: (spec) => runChild(spec, killGraceMs) };
}

async function runChild(spec: ProcessSpec, killGraceMs: number): Promise<ProcessResult> {
  const startedMs = performance.now();
  const stdout = new BoundedOutput(spec.maxOutputBytes);
  const stderr = new BoundedOutput(spec.maxOutputBytes);
  const end = await endOf(spec, { stdout, stderr, killGraceMs });
  return {
    end,
    stdout: stdout.text(),
    stderr: stderr.text(),
    durationMs: performance.now() - startedMs,
  };
}

interface Outputs {
  readonly stdout: BoundedOutput;
  readonly stderr: BoundedOutput;
  readonly killGraceMs: number;
}

async function endOf(spec: ProcessSpec, outputs: Outputs): Promise<ProcessEnd> {
  if (spec.signal?.aborted === true) return { kind: "cancelled" };
  const started = start(spec);
  if (started.kind === "not-started") return started;
  const { child } = started;
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  if (spec.dialogue === undefined) collect(child.stdout, outputs.stdout, spec.onOutput);
  else listen(child, spec.dialogue);
  collect(child.stderr, outputs.stderr, spec.onOutput);
  feed(child.stdin, spec.stdin);
  feed(child.stdio[3], spec.orders);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("error", (error) => resolve(notStarted(spec, error)));
    child.once("exit", (exitCode, signal) => {
      resolve(
        signal === null
          ? { kind: "exited", exitCode: exitCode ?? 0 }
          : { kind: "signalled", signal },
      );
    });
  });
  if (child.pid === undefined) return ended;
  const { pid } = child;
  remember(pid);
  try {
    const end = await firstOf(ended, spec);
    if (end.kind === "timed-out" || end.kind === "cancelled")
      await killTree(pid, { graceMs: outputs.killGraceMs, deadlineMs: killDeadlineMs });
    await settle(pid, child, closed);
    return end;
  } finally {
    livePids.delete(pid);
  }
}

function start(
  spec: ProcessSpec,
):
  | { readonly kind: "started"; readonly child: ChildProcess }
  | (ProcessEnd & { kind: "not-started" }) {
  const [program, ...args] = spec.command;
  try {
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      detached: true,
      shell: false,
      windowsHide: true,
      stdio: [
        spec.stdin === undefined && spec.dialogue === undefined ? "ignore" : "pipe",
        "pipe",
        "pipe",
        ...(spec.orders === undefined ? [] : ["pipe" as const]),
      ],
    });
    return { kind: "started", child };
  } catch (error) {
    return notStarted(spec, error);
  }
}

/** The system says ENOENT for a missing program and for a missing folder alike. */
function notStarted(spec: ProcessSpec, error: unknown): ProcessEnd & { kind: "not-started" } {
  if (!isFolder(spec.cwd)) return { kind: "not-started", reason: `${spec.cwd} is not a folder` };
  const [program] = spec.command;
  if (hasCode(error, "ENOENT")) return { kind: "not-started", reason: `${program} was not found` };
  if (hasCode(error, "EACCES"))
    return { kind: "not-started", reason: `${program} may not be executed` };
  const message = messageOf(error);
  return { kind: "not-started", reason: `${program} could not be started: ${message}` };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function collect(
  stream: Readable | null,
  output: BoundedOutput,
  onOutput: ((chunk: string) => void) | undefined,
): void {
  if (stream === null) return;
  const decoder = new StringDecoder("utf8");
  const show = (text: string): void => {
    if (text.length === 0 || onOutput === undefined) return;
    try {
      onOutput(text);
    } catch {
      // A watcher that fails must not end the run that it watches.
    }
  };
  stream.on("data", (chunk: Buffer) => {
    output.push(chunk);
    if (onOutput !== undefined) show(decoder.write(chunk));
  });
  stream.once("end", () => show(decoder.end()));
  // A reading error ends the stream; what was read until then stands.
  stream.on("error", () => undefined);
}

/** Its stdin stays open until it is ended from here or the child is gone. */
function listen(child: ChildProcess, dialogue: Dialogue): void {
  const { stdin, stdout } = child;
  stdout?.on("data", (bytes: Buffer) => dialogue.heard(bytes));
  stdout?.on("error", () => undefined);
  // EPIPE: the child closed its input, as it may.
  stdin?.on("error", () => undefined);
  dialogue.begin({
    get waitingBytes() {
      return stdin?.writableLength ?? 0;
    },
    write(text) {
      if (stdin?.writable === true) stdin.write(text);
    },
    end: () => void stdin?.end(),
  });
}

function feed(
  stdin: Readable | Writable | null | undefined,
  content: string | Uint8Array | undefined,
): void {
  if (!(stdin instanceof Writable) || content === undefined) return;
  // EPIPE: the child ended or closed its input before it read everything, as it may.
  stdin.on("error", () => undefined);
  stdin.end(content);
}

/** The child's own end, or the reason to end it, whichever comes first. */
async function firstOf(ended: Promise<ProcessEnd>, spec: ProcessSpec): Promise<ProcessEnd> {
  const { promise, resolve } = deferred<ProcessEnd>();
  const cancel = (): void => resolve({ kind: "cancelled" });
  const timeoutMs = Math.min(Math.max(0, spec.timeoutMs), maxTimerMs);
  const timer = setTimeout(() => resolve({ kind: "timed-out" }), timeoutMs);
  spec.signal?.addEventListener("abort", cancel, { once: true });
  if (spec.signal?.aborted === true) cancel();
  try {
    return await Promise.race([ended, promise]);
  } finally {
    clearTimeout(timer);
    spec.signal?.removeEventListener("abort", cancel);
  }
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Waits for the rest of the output, ends what is left of the group, then lets go of the pipes. */
async function settle(pid: number, child: ChildProcess, closed: Promise<void>): Promise<void> {
  await waitAtMost(closed, drainMs);
  endGroup(pid);
  // A second wait, because a busy event loop may not have had the time to read in the first.
  await waitAtMost(closed, lastDrainMs);
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.stdin?.destroy();
}

/** The child itself was collected: a process of its id is a stranger who got the id since. */
function endGroup(pid: number): void {
  if (existsSync(`/proc/${pid}`)) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The usual case: nobody is left in the group.
  }
}

async function waitAtMost(event: Promise<void>, waitMs: number): Promise<void> {
  const over = new AbortController();
  const patience = delay(waitMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([event, patience]);
  over.abort();
}

function remember(pid: number): void {
  livePids.add(pid);
  if (exitHookIsSet) return;
  exitHookIsSet = true;
  process.once("exit", () => {
    for (const live of livePids) killTreeNow(live);
  });
}
