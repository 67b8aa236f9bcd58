import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { Sandbox, SandboxBackend, SandboxCommand } from "../../delivery/agent/sandbox.port.ts";
import type { ProcessResult, ProcessSpec } from "../../kernel/process.ts";
import { adopt } from "./adopt.ts";
import { bubblewrapProcess } from "./bubblewrap-backend.ts";
import { runDirectly } from "./direct-backend.ts";
import { chooseForwarder, type Forwarder } from "./egress/choose-forwarder.ts";
import { createAddressBook, type AddressBook } from "./egress/dial.ts";
import { readNpmConfiguration, type NpmConfiguration } from "./egress/npm-configuration.ts";
import { openEgress, type OpenEgress } from "./egress/open-egress.ts";
import { sandboxEnvironment } from "./environment.ts";
import { SandboxError } from "./errors.ts";
import { inspectMachine, type Machine } from "./machine.ts";
import { mountSteps, type Secrets } from "./mounts.ts";
import type { SandboxOptions } from "./options.ts";
import type { ResourceLimits, SandboxPlan } from "./plan.ts";
import { runHostProcess, withRunPlace, type RunPlace } from "./run-in-sandbox.ts";
import { sandboxHome } from "./system-view.ts";
import { unshareProcess } from "./unshare-backend.ts";

const temporaryBytes = 2 * 1024 ** 3;
const sharedMemoryBytes = 256 * 1024 ** 2;
const maxOpenFiles = 4_096;
/** Threads of the Node process that carries egress connections. */
const forwarderThreads = 16;

type HostProcess = Pick<ProcessSpec, "command" | "stdin">;

const backends: Readonly<
  Record<
    Exclude<SandboxBackend, "none">,
    (plan: SandboxPlan, place: RunPlace, machine: Machine) => HostProcess
  >
> = {
  bubblewrap: (plan, place, machine) =>
    bubblewrapProcess(plan, place, {
      shell: machine.shell,
      filter: machine.filterFile,
      procEntries: machine.procEntries,
    }),
  unshare: (plan, place, machine) =>
    unshareProcess(plan, place, {
      script: machine.stageScript,
      architecture: machine.architecture,
    }),
};

/** A backend ready to run commands; whether it works here is for its probe to say. */
export async function openBackend(
  backend: SandboxBackend,
  options: SandboxOptions,
): Promise<Sandbox> {
  const machine = await inspectMachine(options);
  let npm: Promise<NpmConfiguration> | undefined;
  let forwarder: Promise<Forwarder> | undefined;
  const context: Context = {
    options,
    machine,
    addresses: createAddressBook(),
    npm: () =>
      (npm ??= readNpmConfiguration({
        runner: options.runner,
        environment: options.environment ?? {},
      })),
    forwarder: () =>
      (forwarder ??= chooseForwarder(options.runner, {
        quick: machine.quickForwarderScript,
        usual: { program: machine.execPath, script: machine.forwarderScript },
      })),
  };
  if (backend === "none")
    return {
      backend,
      adopt: () => Promise.resolve(),
      run: (command) =>
        runDirectly(options.runner, command, sandboxEnvironment(machine.execPath, command.env)),
    };
  return {
    backend,
    adopt: (hostPath) => adopt(options.runner, machine.identity, hostPath),
    run: (command) => runIn(backend, command, context),
  };
}

interface Context {
  readonly options: SandboxOptions;
  readonly machine: Machine;
  readonly addresses: AddressBook;
  readonly npm: () => Promise<NpmConfiguration>;
  readonly forwarder: () => Promise<Forwarder>;
}

async function runIn(
  backend: Exclude<SandboxBackend, "none">,
  command: SandboxCommand,
  context: Context,
): Promise<ProcessResult> {
  refuseMalformed(command);
  const { options, machine } = context;
  return withRunPlace(options.scratchDirectory, options.ids, async (place) => {
    const egress = await egressOf(command, place, context);
    try {
      const plan = await planOf(command, egress, context);
      return await runHostProcess(
        options.runner,
        backends[backend](plan, place, machine),
        place,
        command,
      );
    } finally {
      await egress?.close();
    }
  });
}

/** NUL ends a text for the kernel: what follows would be lost, or taken for an order. */
function refuseMalformed(command: SandboxCommand): void {
  const names = Object.keys(command.env);
  const texts = [...command.command, command.cwd, ...names, ...Object.values(command.env)];
  if (texts.some((text) => text.includes("\0")) || names.some((name) => !/^[^=]+$/.test(name)))
    throw new SandboxError(
      "AUTOSD-SANDBOX-SETUP",
      "a command, its folder or its environment holds a NUL or an impossible name",
    );
}

async function egressOf(
  command: SandboxCommand,
  place: RunPlace,
  context: Context,
): Promise<OpenEgress | undefined> {
  if (command.egress.kind === "none") return undefined;
  const { options, addresses } = context;
  return openEgress(command.egress.hosts, place, {
    options,
    addresses,
    npm: await context.npm(),
    forwarder: await context.forwarder(),
    onRefused: command.onRefused,
  });
}

async function planOf(
  command: SandboxCommand,
  egress: OpenEgress | undefined,
  { options, machine }: Context,
): Promise<SandboxPlan> {
  return {
    view: [
      ...machine.system,
      { kind: "dev", sharedMemoryBytes },
      { kind: "proc" },
      { kind: "tmpfs", path: "/tmp", sizeBytes: temporaryBytes },
      { kind: "home", path: sandboxHome },
      ...machine.node,
      ...(egress?.view ?? []),
      ...(await mountSteps(command.mounts, secretsOf(options))),
    ],
    identity: machine.identity,
    limits: limitsOf(command, machine, egress === undefined ? 0 : forwarderThreads),
    env: sandboxEnvironment(machine.execPath, { ...command.env, ...egress?.env }),
    command: egress === undefined ? command.command : [...egress.prefix, ...command.command],
    program: command.command[0],
    cwd: command.cwd,
    isDialogue: command.dialogue !== undefined,
    filter: machine.filter,
  };
}

function limitsOf(
  command: SandboxCommand,
  machine: Machine,
  extraProcesses: number,
): ResourceLimits {
  const { hardLimits } = machine;
  const { maxProcesses, maxDataBytes, maxFileBytes } = command.limits;
  return {
    processes: Math.min(maxProcesses + extraProcesses, hardLimits.processes),
    dataBytes: Math.min(maxDataBytes, hardLimits.dataBytes),
    fileBytes: Math.min(maxFileBytes, hardLimits.fileBytes),
    openFiles: Math.min(maxOpenFiles, hardLimits.openFiles),
  };
}

const privateNames = [
  ".ssh",
  ".aws",
  ".azure",
  ".config/gcloud",
  ".config/gh",
  ".docker",
  ".git-credentials",
  ".gnupg",
  ".kube",
  ".netrc",
  ".npmrc",
] as const;

function secretsOf(options: SandboxOptions): Secrets {
  const homes = [...new Set([homedir(), userInfo().homedir])];
  return {
    hidden: [
      options.autosdHome,
      ...homes.flatMap((home) => privateNames.map((name) => join(home, name))),
      ...["/etc", "/proc", "/sys", "/dev", "/run", "/var/run"],
    ],
    allowed: [
      options.scratchDirectory,
      ...["cache", "scratch", "work", "workspaces"].map((name) => join(options.autosdHome, name)),
    ],
  };
}
