import type { Sandbox, SandboxMount } from "../agent/sandbox.port.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import type { Checkout, Checkouts } from "./checkouts.port.ts";
import { packageManagerPath, type DependencyAnswer } from "./dependency-store.port.ts";
import { nodeReporterPath } from "./node-toolchain.ts";
import { nodeReporterSource } from "./node-reporter.ts";
import { readTestReport, type TestReport } from "./test-report.ts";
import { reportFolder, type CommandGate, type ToolchainProfile } from "./toolchain.ts";

/** Where a project lies inside the sandbox: the same everywhere, so that outputs are. */
export const workspacePath = "/workspace";

/** Installed dependencies as gates see them; undefined when the project needs none. */
export type InstalledDependencies = Pick<
  Extract<DependencyAnswer, { readonly kind: "ready" }>,
  "hostPath" | "writable" | "more" | "managerPath"
>;

export interface GateRoom {
  readonly sandbox: Sandbox;
  readonly checkouts: Checkouts;
  readonly repository: string;
  readonly profile: ToolchainProfile;
  readonly dependencies: InstalledDependencies | undefined;
  readonly signal: AbortSignal;
}

export interface GateRun {
  readonly result: ProcessResult;
  readonly report: TestReport | undefined;
}

/**
 * Programs of the project's dependencies are found by name, as package managers have it: those of the
 * folder that a command runs in before those of the root.
 */
const withOwnPrograms =
  'root="$PWD"; manager="$1"; cd "./$2" || exit 1; shift 2; PATH="$PWD/node_modules/.bin:$root/node_modules/.bin:$root/.venv/bin:$manager/.bin:$manager/bun/bin:$PATH" exec "$@"';

/** Managers would fetch another version of themselves, or install first: what is installed is shown. */
const quietManagers = {
  npm_config_manage_package_manager_versions: "false",
  npm_config_verify_deps_before_run: "false",
};

const gibibyte = 1024 ** 3;
const maxOutputBytes = 4 * 1024 * 1024;

/** Runs one command on a fresh checkout, without network, and reads the report that it left. */
export async function runGate(
  room: GateRoom,
  gate: CommandGate,
  on: {
    readonly tree: string;
    /** Files laid over the tree. */
    readonly overlay?: ReadonlyMap<string, string>;
    readonly extraArguments?: readonly string[];
  },
): Promise<GateRun> {
  const checkout = await room.checkouts.open({ repository: room.repository, tree: on.tree });
  try {
    for (const [path, text] of on.overlay ?? []) await checkout.write(path, text);
    await checkout.makeFolder(reportFolder);
    if (gate.reportFormat === "node-events")
      await checkout.write(nodeReporterPath, nodeReporterSource);
    const mounts = await mountsOf(room, checkout);
    await room.sandbox.adopt(checkout.root);
    const result = await room.sandbox.run({
      command: [
        ...(["sh", "-c", withOwnPrograms, "sh", packageManagerPath, ""] as const),
        ...gate.command,
        ...(on.extraArguments ?? []),
      ],
      cwd: workspacePath,
      env: { ...quietManagers, ...gate.env },
      egress: { kind: "none" },
      limits: {
        timeoutMs: gate.timeoutMs,
        maxOutputBytes,
        maxProcesses: 512,
        maxDataBytes: 8 * gibibyte,
        maxFileBytes: gibibyte,
      },
      mounts,
      signal: room.signal,
    });
    room.signal.throwIfAborted();
    return { result, report: await reportOf(gate, checkout, room.sandbox.backend) };
  } finally {
    await checkout.dispose();
  }
}

async function mountsOf(room: GateRoom, checkout: Checkout): Promise<readonly SandboxMount[]> {
  const mounts: SandboxMount[] = [
    { hostPath: checkout.root, path: workspacePath, mode: "read-write" },
  ];
  const { dependencies } = room;
  if (dependencies === undefined) return mounts;
  const { hostPath, writable, managerPath } = dependencies;
  if (managerPath !== undefined)
    mounts.push({ hostPath: managerPath, path: packageManagerPath, mode: "read-only" });
  const own = { folder: room.profile.install.folder, hostPath };
  for (const { folder, hostPath: from } of [own, ...(dependencies.more ?? [])]) {
    if (room.sandbox.backend === "none") {
      // Without a sandbox there are no mounts: the folder is linked, and nothing keeps it read-only.
      await checkout.linkFolder(folder, from);
      continue;
    }
    await checkout.makeFolder(folder);
    const path = `${workspacePath}/${folder}`;
    mounts.push({ hostPath: from, path, mode: "read-only" });
    for (const name of writable) {
      const side = await checkout.sideFolder(`${folder}/${name}`);
      await room.sandbox.adopt(side);
      mounts.push({ hostPath: side, path: `${path}/${name}`, mode: "read-write" });
    }
  }
  return mounts;
}

async function reportOf(
  gate: CommandGate,
  checkout: Checkout,
  backend: Sandbox["backend"],
): Promise<TestReport | undefined> {
  if (gate.report === undefined || gate.reportFormat === undefined) return undefined;
  const text = await checkout.readText(gate.report);
  const root = backend === "none" ? checkout.root : workspacePath;
  return text === undefined ? undefined : readTestReport(gate.reportFormat, text, root);
}
