import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { homedir } from "node:os";
import type { Sandbox, SandboxBackend, SandboxCommand } from "../../delivery/agent/sandbox.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Log } from "../../kernel/log.ts";
import type { ProcessResult, ProcessRunner } from "../../kernel/process.ts";
import { adopt } from "./adopt.ts";
import { sandboxEnvironment } from "./environment.ts";
import { SandboxError } from "./errors.ts";
import { mountSteps, type Secrets } from "./mounts.ts";
import { placeFile } from "./place-file.ts";
import type { Identity, SandboxPlan, ViewStep } from "./plan.ts";
import { runHostProcess, withRunPlace } from "./run-in-sandbox.ts";
import { stageScript } from "./stage-script.ts";
import { sandboxHome, systemView } from "./system-view.ts";
import { unshareProcess } from "./unshare-backend.ts";

/** What a sandbox is built from. */
export interface SandboxOptions {
  readonly preference: "auto" | SandboxBackend;
  readonly runner: ProcessRunner;
  readonly autosdHome: string;
  /** A folder of autosd's own; each run keeps its files in a folder below it. */
  readonly scratchDirectory: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log?: Log;
  /** User and group of commands when autosd is root; one that nothing else on the machine uses. */
  readonly userId?: number;
}

/** Outside all ranges that distributions hand out. */
const defaultUserId = 59_177;
const temporaryBytes = 2 * 1024 ** 3;
const sharedMemoryBytes = 256 * 1024 ** 2;
const maxOpenFiles = 4_096;

/** The sandbox that `preference` names. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const scratch = options.scratchDirectory;
  const identity = identityOf(options);
  await mkdir(join(scratch, "system"), { recursive: true, mode: 0o700 });
  const stage = { name: "stage.pl", content: stageScript, mode: 0o600 };
  const script = await placeFile(join(scratch, "system"), stage, options.ids);
  const system = await systemView({
    folder: join(scratch, "system"),
    identity,
    execPath: process.execPath,
    ids: options.ids,
  });
  return {
    backend: "unshare",
    adopt: (hostPath) => adopt(options.runner, identity, hostPath),
    run: (command) => run(command, { options, identity, system, script }),
  };
}

interface Prepared {
  readonly options: SandboxOptions;
  readonly identity: Identity;
  readonly system: readonly ViewStep[];
  readonly script: string;
}

async function run(command: SandboxCommand, prepared: Prepared): Promise<ProcessResult> {
  const { options } = prepared;
  return withRunPlace(options.scratchDirectory, options.ids, async (place) => {
    const plan = await planOf(command, prepared);
    const host = unshareProcess(plan, place, {
      script: prepared.script,
      architecture: process.arch,
    });
    return runHostProcess(options.runner, host, place, command);
  });
}

async function planOf(command: SandboxCommand, prepared: Prepared): Promise<SandboxPlan> {
  if (command.egress.kind === "allow-list")
    throw new SandboxError("AUTOSD-SANDBOX-SETUP", "this sandbox has no egress proxy yet");
  return {
    view: [
      ...prepared.system,
      { kind: "dev", sharedMemoryBytes },
      { kind: "proc" },
      { kind: "tmpfs", path: "/tmp", sizeBytes: temporaryBytes },
      { kind: "home", path: sandboxHome },
      ...(await mountSteps(command.mounts, secretsOf(prepared.options))),
    ],
    identity: prepared.identity,
    limits: {
      processes: command.limits.maxProcesses,
      dataBytes: command.limits.maxDataBytes,
      fileBytes: command.limits.maxFileBytes,
      openFiles: maxOpenFiles,
    },
    env: sandboxEnvironment(process.execPath, command.env),
    command: command.command,
    cwd: command.cwd,
    helper: undefined,
    filter: undefined,
  };
}

function identityOf(options: SandboxOptions): Identity {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid, drop: false };
  const own = options.userId ?? defaultUserId;
  return { uid: own, gid: own, drop: true };
}

function secretsOf(options: SandboxOptions): Secrets {
  const home = homedir();
  return {
    hidden: [
      options.autosdHome,
      ...[
        ".ssh",
        ".aws",
        ".config/gcloud",
        ".azure",
        ".kube",
        ".docker",
        ".gnupg",
        ".netrc",
        ".npmrc",
        ".git-credentials",
      ].map((name) => join(home, name)),
      "/etc",
      "/proc",
      "/sys",
      "/dev",
      "/run",
      "/var/run",
    ],
    allowed: [
      options.scratchDirectory,
      ...["cache", "scratch", "work", "workspaces"].map((name) => join(options.autosdHome, name)),
    ],
  };
}
