import { chmod, mkdir, mkdtemp, rm, rmdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { CommandOutcome, Commands } from "../../delivery/agent/loop/commands.port.ts";
import type { Egress, Sandbox, SandboxMount } from "../../delivery/agent/sandbox.port.ts";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import {
  packageManagerPath,
  type DependencyStore,
} from "../../delivery/verification/dependency-store.port.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import { AutosdError } from "../../kernel/errors.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { stampOf } from "./folder-stamp.ts";
import { hostsOutOfReach } from "./hosts-out-of-reach.ts";

/** The machine's side of the commands of every attempt. */
export interface SandboxedCommandsOptions {
  readonly sandbox: Sandbox;
  readonly vcs: Vcs;
  readonly dependencies: DependencyStore;
  /** `host:port` of the package registries: the only places that a command may reach. */
  readonly registryHosts: () => Promise<readonly string[]>;
}

/** One attempt. */
export interface CommandPlace {
  readonly workspace: Workspace;
  /** Repository whose object store keeps the states of the workspace. */
  readonly repository: string;
  readonly mayInstall: boolean;
}

interface Left {
  stamp: string | undefined;
}

const workspacePath = "/workspace";
const maxOutputBytes = 256 * 1024;
const maxRefused = 5;
const gibibyte = 1024 ** 3;
const withOwnPrograms =
  'PATH="$PWD/node_modules/.bin:$PWD/.venv/bin:$2/.bin:$2/bun/bin:$PATH" exec /bin/sh -c "$1"';

/** Managers would fetch another version of themselves, or install first: what is installed is shown. */
const quietManagers = {
  npm_config_manage_package_manager_versions: "false",
  npm_config_verify_deps_before_run: "false",
};

/** Commands that may need the registry; the others get no network at all. */
const fetches =
  /\b(?:npm|pnpm|yarn)\s+(?:[^\n;&|]*\s)?(?:i|install|add|ci|up|update|view|info|outdated|rm|remove|uninstall|audit)\b|\bnpx\b|\b(?:pip3?|uv)\b/;

/** Shell commands in the sandbox, on the files of one attempt. */
export function createSandboxedCommands(
  options: SandboxedCommandsOptions,
  place: CommandPlace,
): Commands {
  // How the last command left the files, given to the sandbox's user as they are.
  const left: Left = { stamp: undefined };
  return {
    run: (command, timeoutMs, signal) => run(options, place, left, { command, timeoutMs, signal }),
    restore: (tree) => options.vcs.refill(place.repository, tree, place.workspace.root),
  };
}

async function run(
  options: SandboxedCommandsOptions,
  place: CommandPlace,
  left: Left,
  what: { readonly command: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<CommandOutcome> {
  const { root } = place.workspace;
  const room = await mountsOf(options, place, what.signal);
  try {
    const before = await adopted(options.sandbox, root, left.stamp);
    const egress = await egressOf(options, what.command);
    const refused = new Set<string>();
    const result = await options.sandbox.run({
      command: ["/bin/sh", "-c", withOwnPrograms, "sh", what.command, packageManagerPath],
      cwd: workspacePath,
      // A package manager writes the lockfile; what it names is then shown read-only.
      env: {
        npm_config_package_lock_only: "true",
        npm_config_ignore_scripts: "false",
        ...quietManagers,
      },
      egress,
      onRefused: (destination) => {
        if (refused.size < maxRefused) refused.add(destination);
      },
      limits: {
        timeoutMs: what.timeoutMs,
        maxOutputBytes,
        maxProcesses: 512,
        maxDataBytes: 8 * gibibyte,
        maxFileBytes: gibibyte,
      },
      mounts: room.mounts,
      signal: what.signal,
    });
    what.signal.throwIfAborted();
    await room.release();
    left.stamp = await stampOf(root);
    const isSame = before !== undefined && left.stamp === before;
    const state = isSame ? {} : await snapshotOf(options.vcs, place);
    const output = [result.stdout, result.stderr, ...room.notes].filter((one) => one !== "");
    return {
      end: result.end,
      output: output.join("\n"),
      durationMs: result.durationMs,
      tree: state.tree,
      unsafe: state.unsafe,
      deniedHosts: [...refused, ...outOfReach(options.sandbox, egress, result)],
    };
  } finally {
    await room.release();
  }
}

/** Where there is no network at all nobody is there to tell of what was asked for but the command. */
function outOfReach(
  sandbox: Sandbox,
  egress: Egress,
  { end, stdout, stderr }: ProcessResult,
): readonly string[] {
  if (sandbox.backend === "none" || egress.kind !== "none") return [];
  if (end.kind === "exited" && end.exitCode === 0) return [];
  return hostsOutOfReach(`${stderr}\n${stdout}`);
}

/** Gives the files to the sandbox's user, unless nothing was written since that was done. */
async function adopted(
  sandbox: Sandbox,
  root: string,
  known: string | undefined,
): Promise<string | undefined> {
  const stamp = await stampOf(root);
  if (stamp !== undefined && stamp === known) return stamp;
  // Open to the sandbox's user; the folder above lets nobody in.
  await chmod(root, 0o755);
  await sandbox.adopt(root);
  return stampOf(root);
}

/** What a command left that must never become a part of the project (a repository, a way out) is said. */
async function snapshotOf(
  vcs: Vcs,
  place: CommandPlace,
): Promise<{ readonly tree?: string; readonly unsafe?: string }> {
  try {
    return { tree: await vcs.snapshot(place.repository, place.workspace.root) };
  } catch (error) {
    if (error instanceof AutosdError && error.code === "AUTOSD-VCS-UNSAFE")
      return {
        unsafe: `a command left what must not become a part of the project: ${error.message}`,
      };
    throw error;
  }
}

async function egressOf(options: SandboxedCommandsOptions, command: string): Promise<Egress> {
  if (!fetches.test(command)) return { kind: "none" };
  const hosts = await options.registryHosts();
  return hosts.length === 0 ? { kind: "none" } : { kind: "allow-list", hosts };
}

interface Room {
  readonly mounts: readonly SandboxMount[];
  /** What the model should know about the dependencies. */
  readonly notes: readonly string[];
  /** Takes away what was laid out for the command. Twice is once. */
  release(): Promise<void>;
}

async function mountsOf(
  options: SandboxedCommandsOptions,
  place: CommandPlace,
  signal: AbortSignal,
): Promise<Room> {
  const { root } = place.workspace;
  const own: SandboxMount = { hostPath: root, path: workspacePath, mode: "read-write" };
  const bare = { mounts: [own], notes: [], release: async () => undefined };
  const found = await dependenciesOf(options, place, signal);
  if (found === undefined) return bare;
  if ("note" in found) return { ...bare, notes: [found.note] };
  const { managerPath, folders, writable } = found;
  const programs = managerPath === undefined ? [] : [programsMount(managerPath)];
  const targets = folders.map(({ folder }) => join(root, folder));
  if (options.sandbox.backend === "none") {
    for (const { folder, hostPath } of folders) {
      await removeFolder(join(root, folder));
      await symlink(hostPath, join(root, folder));
    }
    const release = async (): Promise<void> => {
      for (const target of targets) await rm(target, { force: true });
    };
    return { mounts: [own, ...programs], notes: [], release };
  }
  const side = await mkdtemp(`${root}-side-`);
  await chmod(side, 0o755);
  const mounts: SandboxMount[] = [own, ...programs];
  for (const [index, { folder, hostPath }] of folders.entries()) {
    await mkdir(join(root, folder), { recursive: true });
    mounts.push({ hostPath, path: `${workspacePath}/${folder}`, mode: "read-only" });
    for (const name of writable) {
      const place = join(side, String(index), name);
      await mkdir(place, { recursive: true });
      const path = `${workspacePath}/${folder}/${name}`;
      mounts.push({ hostPath: place, path, mode: "read-write" });
    }
  }
  await options.sandbox.adopt(side);
  const release = async (): Promise<void> => {
    await removeFolder(side);
    // Empty: they were only where the dependencies were shown.
    for (const target of targets) await rmdir(target).catch(() => undefined);
  };
  return { mounts, notes: [], release };
}

function programsMount(hostPath: string): SandboxMount {
  return { hostPath, path: packageManagerPath, mode: "read-only" };
}

/** Folders of installed packages to show, and the package manager that scripts may call. */
interface ShownDependencies {
  readonly folders: readonly { readonly folder: string; readonly hostPath: string }[];
  readonly writable: readonly string[];
  readonly managerPath: string | undefined;
}

async function dependenciesOf(
  options: Pick<SandboxedCommandsOptions, "dependencies">,
  place: Pick<CommandPlace, "workspace" | "mayInstall">,
  signal: AbortSignal,
): Promise<{ readonly note: string } | ShownDependencies | undefined> {
  const { workspace, mayInstall } = place;
  const readText = async (path: string): Promise<string | undefined> => {
    const bytes = await workspace.read(path).catch(() => undefined);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  const profile = await detectToolchain({ paths: await workspace.list(), readText });
  if ("kind" in profile || profile.install.needed === false) return undefined;
  const { install } = profile;
  if (install.refusal !== undefined) return { note: `[no dependencies: ${install.refusal}]` };
  try {
    const answer = await options.dependencies.obtain({ profile, readText, mayInstall }, signal);
    if (answer.kind === "ready") {
      const { hostPath, writable, managerPath, more = [] } = answer;
      return { folders: [{ folder: install.folder, hostPath }, ...more], writable, managerPath };
    }
    const reason = answer.kind === "missing" ? "they may not be installed" : answer.reason;
    return { note: `[no dependencies: ${reason}]` };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AutosdError && error.code === "AUTOSD-INSTALL-FAILED")
      return { note: `[no dependencies: ${error.message}]` };
    throw error;
  }
}
