import type { Sandbox, SandboxMount } from "../agent/sandbox.port.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import type { Checkout, Checkouts } from "./checkouts.port.ts";
import { packageManagerPath, type DependencyAnswer } from "./dependency-store.port.ts";
import { nodeReporterPath } from "./node-runners.ts";
import { nodeReporterSource } from "./node-reporter.ts";
import { joinedRuns, prefixed, reportOn, within, type GateRun, type PartRun } from "./part-runs.ts";
import { placedTests } from "./place-tests.ts";
import { readTestReport, type TestReport } from "./test-report.ts";
import {
  reportFolder,
  type CommandGate,
  type GatePart,
  type ToolchainProfile,
} from "./toolchain.ts";
import { factsOf, testFilesOf } from "./tree-facts.ts";

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

/** Where and how a gate runs. */
interface RunOn {
  readonly tree: string;
  /** Files laid over the tree. */
  readonly overlay?: ReadonlyMap<string, string>;
  /** Files that alone are of interest. */
  readonly only?: readonly string[];
}

/**
 * Runs a gate's command, or that of each of its parts one after the other, on a fresh checkout, without
 * network, and reads the reports that are left.
 */
export async function runGate(room: GateRoom, gate: CommandGate, on: RunOn): Promise<GateRun> {
  const checkout = await room.checkouts.open({ repository: room.repository, tree: on.tree });
  try {
    for (const [path, text] of on.overlay ?? []) await checkout.write(path, text);
    const tasks = tasksOf(gate, on.only ?? []);
    for (const { part } of tasks) {
      await checkout.makeFolder(within(part.folder, reportFolder));
      if (part.reportFormat === "node-events")
        await checkout.write(within(part.folder, nodeReporterPath), nodeReporterSource);
    }
    const mounts = await mountsOf(room, checkout);
    await room.sandbox.adopt(checkout.root);
    const runs: PartRun[] = [];
    for (const task of tasks) {
      const result = await runPart(room, mounts, task, gate.timeoutMs);
      room.signal.throwIfAborted();
      const report = await reportOf(room, task.part, checkout, on);
      runs.push({ folder: task.part.folder, result, report });
    }
    return joinedRuns(runs);
  } finally {
    await checkout.dispose();
  }
}

/** A part, and the files in it that alone are of interest: none means all. */
interface Task {
  readonly part: GatePart;
  readonly files: readonly string[];
}

function tasksOf(gate: CommandGate, only: readonly string[]): readonly Task[] {
  if (gate.parts === undefined) return [{ part: { ...gate, folder: "", uses: [] }, files: only }];
  const parts = gate.parts.filter((part) => part.refusal === undefined);
  const tasks = parts.map((part) => ({
    part,
    files: only
      .filter((path) => path.startsWith(`${part.folder}/`))
      .map((path) => path.slice(part.folder.length + 1)),
  }));
  const asked = tasks.filter((task) => task.files.length > 0);
  return asked.length > 0 ? asked : tasks;
}

function runPart(
  room: GateRoom,
  mounts: readonly SandboxMount[],
  { part, files }: Task,
  timeoutMs: number,
): Promise<ProcessResult> {
  return room.sandbox.run({
    command: [
      ...(["sh", "-c", withOwnPrograms, "sh", packageManagerPath, part.folder] as const),
      ...part.command,
      ...files,
    ],
    cwd: workspacePath,
    env: { ...quietManagers, ...part.env },
    egress: { kind: "none" },
    limits: {
      timeoutMs,
      maxOutputBytes,
      maxProcesses: 512,
      maxDataBytes: 8 * gibibyte,
      maxFileBytes: gibibyte,
    },
    mounts,
    signal: room.signal,
  });
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
  room: GateRoom,
  part: GatePart,
  checkout: Checkout,
  on: RunOn,
): Promise<TestReport | undefined> {
  if (part.report === undefined || part.reportFormat === undefined) return undefined;
  const text = await checkout.readText(within(part.folder, part.report));
  if (text === undefined) return undefined;
  const root = room.sandbox.backend === "none" ? checkout.root : workspacePath;
  const report = readTestReport(part.reportFormat, text, root);
  if (report === undefined) return undefined;
  const inFolder = prefixed(report.results, part.folder);
  if (part.reportFormat !== "tap") return reportOn(inFolder);
  const tree = await room.checkouts.readTexts({ repository: room.repository, tree: on.tree });
  const facts = factsOf({ ...tree, texts: new Map([...tree.texts, ...(on.overlay ?? [])]) });
  const sources = [...testFilesOf(facts, room.profile)];
  const own = sources.filter(([path]) => path.startsWith(within(part.folder, "")));
  return reportOn(placedTests(inFolder, new Map(own)));
}
