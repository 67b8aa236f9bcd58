import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import type {
  DependencyAnswer,
  DependencyRequest,
  DependencyStore,
} from "../../delivery/verification/dependency-store.port.ts";
import { VerificationError } from "../../delivery/verification/errors.ts";
import { lockfileIdentity } from "../../delivery/verification/npm-lockfile.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AutosdError, DiskFullError } from "../../kernel/errors.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { sha256 } from "../../kernel/hash.ts";
import { depsFolder, leaseOf, npmLease } from "./cache-places.ts";
import { installOutcome } from "./install-outcome.ts";
import type { StoreLeases } from "./store-leases.ts";

export interface DependencyStoreOptions {
  /** `$AUTOSD_HOME/cache` */
  readonly cacheFolder: string;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** Keeps what this process uses from being removed by another. */
  readonly leases: Pick<StoreLeases, "share">;
  /** `host:port` of the package registries; the only places that an install may reach. */
  readonly registryHosts: () => Promise<readonly string[]>;
  /** The same for Python packages. Absent: there is no index, and what needs one is refused. */
  readonly pythonIndex?: () => Promise<PythonIndex>;
  /** Asked before an install: npm tries a registry that is away for minutes. */
  readonly isReachable: (hosts: readonly string[], signal: AbortSignal) => Promise<boolean>;
  /** Told what an install waits for, when it waits longer than people think nothing of. */
  readonly onWaiting?: (message: string) => void;
  /** What the package manager is told besides: `npm_config_registry`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Decides whether an installed folder fits: `node 20.20.2 abi115 linux x64`. */
  readonly platform: string;
}

/** Where Python packages come from. */
export interface PythonIndex {
  readonly hosts: readonly string[];
  /** What pip is told besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folders of this machine that hold packages, shown read-only at `path`. */
  readonly folders: readonly { readonly hostPath: string; readonly path: string }[];
}

const stampSchema = z.object({
  schema: z.literal("autosd/dependency-store@1"),
  packages: z.number().int().nonnegative(),
  output: z.string(),
});
type Stamp = z.infer<typeof stampSchema>;

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
const writableInNodeModules = [".vite", ".vite-temp", ".cache", ".vitest"] as const;

/**
 * Installed dependencies in `<cacheFolder>/deps/<key>/`. A store is filled beside its place and then
 * renamed, so that one exists whole or not at all; of two processes that fill the same, one wins.
 */
export function createDependencyStore(options: DependencyStoreOptions): DependencyStore {
  const underWay = new Map<string, Promise<DependencyAnswer>>();
  return {
    async obtain(request, signal) {
      const key = await keyOf(options, request);
      // Before it is looked at: one that is found must still be there when it is used.
      await options.leases.share(leaseOf(key));
      const known = await openStore(options, request, key);
      if (known !== undefined) return known;
      if (!request.mayInstall) return { kind: "missing" };
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const fill = fillStore(options, request, key, signal).finally(() => underWay.delete(key));
      underWay.set(key, fill);
      return fill;
    },
  };
}

async function keyOf(options: DependencyStoreOptions, request: DependencyRequest): Promise<string> {
  const { install, id } = request.profile;
  if (install.files !== undefined) {
    const { command, files } = install;
    const parts = { toolchain: id, command, files, platform: options.platform };
    return sha256(canonicalJson(parts)).slice("sha256:".length);
  }
  const lockfile =
    install.lockfile === undefined ? "" : ((await request.readText(install.lockfile)) ?? "");
  const text = canonicalJson({
    toolchain: id,
    command: install.command,
    lockfile: id === "node" ? lockfileIdentity(lockfile) : lockfile,
    platform: options.platform,
  });
  return sha256(text).slice("sha256:".length);
}

async function openStore(
  options: DependencyStoreOptions,
  request: DependencyRequest,
  key: string,
): Promise<DependencyAnswer | undefined> {
  const folder = join(depsFolder(options), key);
  const stamp = await readStamp(join(folder, "stamp.json"));
  if (stamp === undefined) return undefined;
  const nowSeconds = options.clock.now() / 1000;
  await utimes(join(folder, "stamp.json"), nowSeconds, nowSeconds).catch(() => undefined);
  return ready(request, folder, stamp);
}

function ready(request: DependencyRequest, folder: string, stamp: Stamp): DependencyAnswer {
  return {
    kind: "ready",
    hostPath: join(folder, request.profile.install.folder),
    writable: request.profile.id === "node" ? writableInNodeModules : [],
    packages: stamp.packages,
    exitCode: 0,
    output: stamp.output,
  };
}

async function readStamp(path: string): Promise<Stamp | undefined> {
  try {
    const parsed = stampSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

async function fillStore(
  options: DependencyStoreOptions,
  request: DependencyRequest,
  key: string,
  signal: AbortSignal,
): Promise<DependencyAnswer> {
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
    const source = await sourceOf(options, request);
    await refuseUnreachable(options, source.hosts, signal);
    await placeManifest(request, place);
    await options.sandbox.adopt(place);
    await options.sandbox.adopt(npmCache);
    const result = await saidWhenLong(
      options,
      install(options, request, { place, npmCache, source, signal }),
      { waiting: "waiting for the package registry: the install takes long", afterMs: 15_000 },
    );
    signal.throwIfAborted();
    const end = installOutcome(request.profile.id, result);
    if (end.kind !== "installed" && fullWords.test(end.output)) throw new DiskFullError(deps);
    if (end.kind === "refused") return end;
    if (end.kind === "incomplete")
      throw new VerificationError(
        "AUTOSD-TOOLCHAIN-MISSING",
        `Python packages cannot be installed on this machine: ${end.reason}`,
        { remedy: pythonRemedy, details: { output: end.output.slice(-4_000) } },
      );
    if (end.kind === "unreachable")
      throw new VerificationError(
        "AUTOSD-INSTALL-FAILED",
        `the dependencies could not be fetched: ${end.reason}`,
        { details: { output: end.output.slice(-4_000) } },
      );
    return await settle(options, request, { key, place, output: end.output });
  } catch (error) {
    throw error instanceof AutosdError ? error : storageErrorIfAny(deps, error);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** The parts of the manifest that decide what is installed; a project's .npmrc has no say. */
async function placeManifest(request: DependencyRequest, place: string): Promise<void> {
  const { install, id } = request.profile;
  if (id === "node") {
    const manifest: unknown = JSON.parse((await request.readText("package.json")) ?? "{}");
    const members = z.record(z.string(), z.unknown()).parse(manifest);
    const rest = Object.fromEntries(Object.entries(members).filter(([name]) => name !== "scripts"));
    await writeFile(join(place, "package.json"), JSON.stringify(rest));
  }
  if (install.files !== undefined) {
    for (const [name, text] of Object.entries(install.files))
      await writeFile(join(place, name), text);
    return;
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
  request: DependencyRequest,
  on: {
    readonly place: string;
    readonly npmCache: string;
    readonly source: PythonIndex;
    readonly signal: AbortSignal;
  },
): Promise<ProcessResult> {
  return options.sandbox.run({
    command: request.profile.install.command,
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
      ...on.source.folders.map((one) => ({ ...one, mode: "read-only" as const })),
    ],
    signal: on.signal,
  });
}

async function settle(
  options: DependencyStoreOptions,
  request: DependencyRequest,
  filled: { readonly key: string; readonly place: string; readonly output: string },
): Promise<DependencyAnswer> {
  const { folder } = request.profile.install;
  const installed = join(filled.place, folder);
  // A lockfile of optional packages only leaves nothing behind.
  await mkdir(installed, { recursive: true });
  if (request.profile.id === "node")
    for (const name of writableInNodeModules)
      await mkdir(join(installed, name), { recursive: true });
  const stamp: Stamp = {
    schema: "autosd/dependency-store@1",
    packages: await countPackages(installed),
    output: filled.output,
  };
  await writeFile(join(filled.place, "stamp.json"), JSON.stringify(stamp));
  const target = join(depsFolder(options), filled.key);
  try {
    await rename(filled.place, target);
  } catch (error) {
    // Somebody else was faster; both installed the same.
    const theirs = await openStore(options, request, filled.key);
    if (theirs === undefined) throw error;
    return theirs;
  }
  return ready(request, target, stamp);
}

/** From npm's own list of what it put there; of a virtual environment the installed distributions. */
async function countPackages(installed: string): Promise<number> {
  try {
    const listed = z
      .object({ packages: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(join(installed, ".package-lock.json"), "utf8")));
    return Object.keys(listed.packages).length;
  } catch {
    const names = await readdir(installed, { recursive: true }).catch(() => []);
    // lib64 is another name of lib: what is in both is one.
    return new Set(
      names.filter((name) => name.endsWith(".dist-info")).map((name) => basename(name)),
    ).size;
  }
}

function storageErrorIfAny(place: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:ENOSPC|EDQUOT|EROFS|EACCES|EPERM)$/.test(code) ? storageError(place, error) : error;
}

function storageError(place: string, error: unknown): VerificationError {
  const reason = error instanceof Error ? error.message : String(error);
  return new VerificationError(
    "AUTOSD-VERIFY-STORAGE",
    `the dependency store ${place} cannot be written: ${reason}`,
    { cause: error },
  );
}
