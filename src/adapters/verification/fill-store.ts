import { chmod, mkdir, mkdtemp, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import {
  packageManagerPath,
  type DependencyRequest,
} from "../../delivery/verification/dependency-store.port.ts";
import { VerificationError } from "../../delivery/verification/errors.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { AutosdError, DiskFullError } from "../../kernel/errors.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { hasCode, isOutOfRoom } from "../../machine/error-code.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { depsFolder, npmLease } from "./cache-places.ts";
import { installOutcome, type InstallOutcome } from "./install-outcome.ts";
import { startedBy } from "./manager-program.ts";
import type { DependencyStoreOptions, PythonIndex } from "./store-options.ts";
import { countPackages, readStamp, stampName, type Stamp } from "./store-stamp.ts";

/** The package manager's own words: nothing of the project runs in an install. */
const fullWords = /\b(?:ENOSPC|EDQUOT)\b|No space left on device|Disk quota exceeded/;
const minuteMs = 60_000;
const workspacePath = "/workspace";
const npmCachePath = "/npm-cache";
const noIndex: PythonIndex = { hosts: [], environment: { PIP_NO_INDEX: "1" }, folders: [] };
const pythonRemedy =
  "Install Python's own tools (Debian, Ubuntu: sudo apt-get install python3 python3-venv), then run: autosd runs resume";
const maxOutputBytes = 1024 * 1024;
/** Tools keep caches inside node_modules; each gate gets an empty folder of its own there. */
export const writableInNodeModules = [".vite", ".vite-temp", ".cache", ".vitest"] as const;

/** What filling a store came to; a store that was filled is in its place. */
type Filled =
  | { readonly kind: "ready"; readonly stamp: Stamp }
  | Extract<InstallOutcome, { readonly kind: "refused" }>;

/** One install: of what, under which key, and with which manager's programs. */
interface Filling {
  readonly request: DependencyRequest;
  readonly key: string;
  /** Host folder of the manager's programs; undefined: what comes with the language is used. */
  readonly programs: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Installs beside the store's place, then renames. Throws AUTOSD-INSTALL-FAILED when nobody answers,
 * AUTOSD-TOOLCHAIN-MISSING, AUTOSD-VERIFY-STORAGE and AUTOSD-DISK-FULL for what the machine lacks.
 */
export async function fillStore(
  options: DependencyStoreOptions,
  filling: Filling,
): Promise<Filled> {
  const deps = depsFolder(options);
  const npmCache = join(options.cacheFolder, "npm");
  let place: string;
  await options.leases.share(npmLease);
  try {
    await mkdir(deps, { recursive: true, mode: 0o700 });
    await mkdir(npmCache, { recursive: true, mode: 0o700 });
    place = await mkdtemp(join(deps, ".fill-"));
    // Open to the sandbox's user whoever owns it; the folder above lets nobody in.
    await chmod(place, 0o755);
  } catch (error) {
    throw storageError(deps, error);
  }
  try {
    return await fillPlace(options, filling, { place, npmCache });
  } catch (error) {
    throw error instanceof AutosdError ? error : storageErrorIfAny(deps, error);
  } finally {
    await removeFolder(place);
  }
}

async function fillPlace(
  options: DependencyStoreOptions,
  filling: Filling,
  at: { readonly place: string; readonly npmCache: string },
): Promise<Filled> {
  const { request, signal } = filling;
  const source = await sourceOf(options, request);
  await refuseUnreachable(options, source.hosts, signal);
  await placeManifest(request, at.place);
  await options.sandbox.adopt(at.place);
  await options.sandbox.adopt(at.npmCache);
  const result = await saidWhenLong(options, install(options, filling, { ...at, source }), {
    waiting: "waiting for the package registry: the install takes long",
    afterMs: 15_000,
  });
  signal.throwIfAborted();
  const end = installOutcome(request.profile.id, result);
  if (end.kind !== "installed" && fullWords.test(end.output))
    throw new DiskFullError(depsFolder(options));
  switch (end.kind) {
    case "refused":
      return end;
    case "incomplete":
      throw new VerificationError(
        "AUTOSD-TOOLCHAIN-MISSING",
        `Python packages cannot be installed on this machine: ${end.reason}`,
        { remedy: pythonRemedy, details: { output: end.output.slice(-4_000) } },
      );
    case "unreachable":
      throw new VerificationError(
        "AUTOSD-INSTALL-FAILED",
        `the dependencies could not be fetched: ${end.reason}`,
        { details: { output: end.output.slice(-4_000) } },
      );
    case "installed":
      return settle(options, filling, { place: at.place, output: end.output });
  }
}

/** The parts of the manifest that decide what is installed; of a project's settings only the layout. */
async function placeManifest(request: DependencyRequest, place: string): Promise<void> {
  const { install, id } = request.profile;
  if (install.files !== undefined) {
    for (const [name, text] of Object.entries(install.files)) {
      await mkdir(dirname(join(place, name)), { recursive: true });
      await writeFile(join(place, name), text);
    }
    return;
  }
  if (id === "node") {
    const manifest: unknown = JSON.parse((await request.readText("package.json")) ?? "{}");
    const members = z.record(z.string(), z.unknown()).parse(manifest);
    const rest = Object.fromEntries(Object.entries(members).filter(([name]) => name !== "scripts"));
    await writeFile(join(place, "package.json"), JSON.stringify(rest));
  }
  if (install.lockfile !== undefined)
    await writeFile(
      join(place, install.lockfile),
      (await request.readText(install.lockfile)) ?? "",
    );
}

async function sourceOf(
  options: DependencyStoreOptions,
  request: DependencyRequest,
): Promise<PythonIndex> {
  const { id, install } = request.profile;
  const source: PythonIndex =
    id === "node"
      ? { hosts: await options.registryHosts(), environment: options.environment, folders: [] }
      : ((await options.pythonIndex?.()) ?? noIndex);
  return { ...source, hosts: [...source.hosts, ...install.egress] };
}

async function refuseUnreachable(
  options: DependencyStoreOptions,
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  // Without a registry nothing is fetched: the package manager knows whether it needs to.
  if (hosts.length === 0) return;
  const waiting = `waiting for the package registry (${hosts.join(", ")})`;
  const answers = options.isReachable(hosts, signal);
  if (await saidWhenLong(options, answers, { waiting, afterMs: 1_000 })) return;
  signal.throwIfAborted();
  throw new VerificationError(
    "AUTOSD-INSTALL-FAILED",
    `the dependencies could not be fetched: ${hosts.join(", ")} does not answer`,
  );
}

async function saidWhenLong<T>(
  options: DependencyStoreOptions,
  work: Promise<T>,
  say: { readonly waiting: string; readonly afterMs: number },
): Promise<T> {
  const timer = setTimeout(() => options.onWaiting?.(say.waiting), say.afterMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

async function install(
  options: DependencyStoreOptions,
  { request, programs, signal }: Filling,
  on: {
    readonly place: string;
    readonly npmCache: string;
    readonly source: PythonIndex;
  },
): Promise<ProcessResult> {
  const { command, manager } = request.profile.install;
  return options.sandbox.run({
    command:
      manager === undefined || programs === undefined
        ? command
        : startedBy(manager, command, npmCachePath),
    cwd: workspacePath,
    env: {
      ...on.source.environment,
      npm_config_cache: npmCachePath,
      npm_config_prefer_offline: "true",
      npm_config_loglevel: "warn",
      PIP_CACHE_DIR: `${npmCachePath}/pip`,
    },
    egress: { kind: "allow-list", hosts: on.source.hosts },
    limits: {
      timeoutMs: 10 * minuteMs,
      maxOutputBytes,
      maxProcesses: 512,
      maxDataBytes: 4 * 1024 ** 3,
      maxFileBytes: 1024 ** 3,
    },
    mounts: [
      { hostPath: on.place, path: workspacePath, mode: "read-write" },
      { hostPath: on.npmCache, path: npmCachePath, mode: "read-write" },
      ...(programs === undefined
        ? []
        : [{ hostPath: programs, path: packageManagerPath, mode: "read-only" as const }]),
      ...on.source.folders.map((one) => ({ ...one, mode: "read-only" as const })),
    ],
    signal,
  });
}

async function settle(
  options: DependencyStoreOptions,
  { request, key }: Filling,
  filled: { readonly place: string; readonly output: string },
): Promise<Filled> {
  const { folder, packageFolders = [] } = request.profile.install;
  const installed = join(filled.place, folder);
  // A lockfile of optional packages only leaves nothing behind.
  await mkdir(installed, { recursive: true });
  const folders: string[] = [];
  for (const one of packageFolders)
    if (await isFolder(join(filled.place, one, folder))) folders.push(`${one}/${folder}`);
  if (request.profile.id === "node")
    for (const one of [folder, ...folders])
      for (const name of writableInNodeModules)
        await mkdir(join(filled.place, one, name), { recursive: true });
  const stamp: Stamp = {
    schema: "autosd/dependency-store@1",
    packages: await countPackages(installed),
    output: filled.output,
    ...(folders.length === 0 ? {} : { folders }),
  };
  await writeFile(join(filled.place, stampName), JSON.stringify(stamp));
  const target = join(depsFolder(options), key);
  try {
    await rename(filled.place, target);
  } catch (error) {
    // Somebody else was faster; both installed the same.
    const theirs = await readStamp(target);
    if (theirs === undefined) throw error;
    return { kind: "ready", stamp: theirs };
  }
  return { kind: "ready", stamp };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function storageErrorIfAny(place: string, error: unknown): unknown {
  const isOfStorage = isOutOfRoom(error) || hasCode(error, "EROFS", "EACCES", "EPERM");
  return isOfStorage ? storageError(place, error) : error;
}

function storageError(place: string, error: unknown): VerificationError {
  const reason = messageOf(error);
  return new VerificationError(
    "AUTOSD-VERIFY-STORAGE",
    `the dependency store ${place} cannot be written: ${reason}`,
    { cause: error },
  );
}
