import { chmod, lstat, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox, SandboxMount } from "../../delivery/agent/sandbox.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { DependencyStore } from "../../delivery/verification/dependency-store.port.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { removeFolder } from "../../machine/remove-folder.ts";

/** Where an agent works: one attempt's files, laid out for the sandbox. */
export interface AgentRoom {
  /** The project, as the agent sees it. */
  readonly folder: string;
  /** Its own to write in besides. */
  readonly scratch: readonly string[];
  readonly mounts: readonly SandboxMount[];
  /** What the agent should know about the dependencies. */
  readonly notes: readonly string[];
  /** Takes away what was laid out and is no part of the project. Twice is once. */
  release(): Promise<void>;
}

const workspacePath = "/workspace";
const dependenciesPath = "/dependencies";
const homePath = "/tmp/home";

/**
 * Lays the room out: the files given to the sandbox's user, and a link to the installed dependencies.
 * A package manager that installs for good puts a folder in the place of the link.
 */
export async function openAgentRoom(
  tools: { readonly sandbox: Sandbox; readonly dependencies: DependencyStore },
  place: { readonly workspace: Workspace; readonly mayInstall: boolean },
  signal: AbortSignal,
): Promise<AgentRoom> {
  const { sandbox } = tools;
  const { root } = place.workspace;
  const isBare = sandbox.backend === "none";
  const side = await mkdtemp(`${root}-side-`);
  const links: string[] = [];
  const release = async (): Promise<void> => {
    for (const link of links.splice(0)) await removeLink(link);
    await removeFolder(side);
  };
  try {
    await chmod(side, 0o755);
    const linked = await linkDependencies({ ...tools, root, side, isBare, links }, place, signal);
    // Without a sandbox nobody else makes its home.
    const home = join(side, "home");
    await mkdir(home);
    // Open to the sandbox's user; the folder above lets nobody in.
    await chmod(root, 0o755);
    await sandbox.adopt(root);
    await sandbox.adopt(side);
    const mounts: readonly SandboxMount[] = [
      { hostPath: root, path: workspacePath, mode: "read-write" },
      ...linked.mounts,
      ...(isBare ? [{ hostPath: home, path: homePath, mode: "read-write" as const }] : []),
    ];
    return {
      folder: isBare ? root : workspacePath,
      scratch: isBare ? [home] : ["/tmp"],
      mounts,
      notes: linked.notes,
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface Laying {
  readonly dependencies: DependencyStore;
  readonly root: string;
  readonly side: string;
  readonly isBare: boolean;
  /** What is to be removed at the end. */
  readonly links: string[];
}

async function linkDependencies(
  { dependencies, root, side, isBare, links }: Laying,
  place: { readonly workspace: Workspace; readonly mayInstall: boolean },
  signal: AbortSignal,
): Promise<{ readonly mounts: readonly SandboxMount[]; readonly notes: readonly string[] }> {
  const found = await dependenciesOf(dependencies, place, signal);
  if (found === undefined) return { mounts: [], notes: [] };
  if ("note" in found) return { mounts: [], notes: [found.note] };
  const { folder, hostPath, writable } = found;
  const inside = `${dependenciesPath}/${folder}`;
  const link = join(root, folder);
  await removeFolder(link);
  await symlink(isBare ? hostPath : inside, link);
  links.push(link);
  const notes = [
    `${folder} holds what the lockfile names. It cannot be written to; a new install takes its place.`,
  ];
  if (isBare) return { mounts: [], notes };
  const mounts: SandboxMount[] = [{ hostPath, path: inside, mode: "read-only" }];
  for (const name of writable) {
    await mkdir(join(side, name), { recursive: true });
    mounts.push({ hostPath: join(side, name), path: `${inside}/${name}`, mode: "read-write" });
  }
  return { mounts, notes };
}

interface Installed {
  readonly folder: string;
  readonly hostPath: string;
  readonly writable: readonly string[];
}

/** Undefined: the project needs none. */
async function dependenciesOf(
  dependencies: DependencyStore,
  { workspace, mayInstall }: { readonly workspace: Workspace; readonly mayInstall: boolean },
  signal: AbortSignal,
): Promise<Installed | { readonly note: string } | undefined> {
  const readText = async (path: string): Promise<string | undefined> => {
    const bytes = await workspace.read(path).catch(() => undefined);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  const profile = await detectToolchain({ paths: await workspace.list(), readText });
  if ("kind" in profile || profile.install.needed === false) return undefined;
  const { folder, refusal } = profile.install;
  const missing = (reason: string) => ({ note: `They are not installed: ${reason}` });
  if (refusal !== undefined) return missing(refusal);
  try {
    const answer = await dependencies.obtain({ profile, readText, mayInstall }, signal);
    if (answer.kind === "ready")
      return { folder, hostPath: answer.hostPath, writable: answer.writable };
    return missing(answer.kind === "missing" ? "they may not be downloaded" : answer.reason);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AutosdError && error.code === "AUTOSD-INSTALL-FAILED")
      return missing(error.message);
    throw error;
  }
}

/** A folder that the agent has put in its place is the workspace's to deal with. */
async function removeLink(link: string): Promise<void> {
  const found = await lstat(link).catch(() => undefined);
  if (found?.isSymbolicLink() === true) await rm(link, { force: true });
}
