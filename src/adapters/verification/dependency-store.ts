import { utimes } from "node:fs/promises";
import { join } from "node:path";
import type {
  DependencyAnswer,
  DependencyRequest,
  DependencyStore,
} from "../../delivery/verification/dependency-store.port.ts";
import { lockfileIdentity } from "../../delivery/verification/npm-lockfile.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import { depsFolder, leaseOf } from "./cache-places.ts";
import { fillStore, writableInNodeModules } from "./fill-store.ts";
import { programRequest } from "./manager-program.ts";
import type { DependencyStoreOptions } from "./store-options.ts";
import { readStamp, stampName, type Stamp } from "./store-stamp.ts";

/**
 * Installed dependencies in `<cacheFolder>/deps/<key>/`. A store is filled beside its place and then
 * renamed, so that one exists whole or not at all; of two processes that fill the same, one wins.
 * Package managers that do not come with a language are installed packages like others.
 */
export function createDependencyStore(options: DependencyStoreOptions): DependencyStore {
  const underWay = new Map<string, Promise<DependencyAnswer>>();
  async function obtain(
    request: DependencyRequest,
    signal: AbortSignal,
  ): Promise<DependencyAnswer> {
    const { manager } = request.profile.install;
    const program =
      manager === undefined
        ? undefined
        : await obtain(programRequest(manager, request.mayInstall), signal);
    if (program !== undefined && program.kind !== "ready") return program;
    const programs = program?.hostPath;
    const answer = await obtainWith(request, programs, signal);
    return programs === undefined || answer.kind !== "ready"
      ? answer
      : { ...answer, managerPath: programs };
  }
  async function obtainWith(
    request: DependencyRequest,
    programs: string | undefined,
    signal: AbortSignal,
  ): Promise<DependencyAnswer> {
    const key = await keyOf(options, request);
    // Before it is looked at: one that is found must still be there when it is used.
    await options.leases.share(leaseOf(key));
    const known = await openStore(options, request, key);
    if (known !== undefined) return known;
    if (!request.mayInstall) return { kind: "missing" };
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const fill = fillStore(options, { request, key, programs, signal })
      .then((end) => (end.kind === "ready" ? ready(options, request, key, end.stamp) : end))
      .finally(() => underWay.delete(key));
    underWay.set(key, fill);
    return fill;
  }
  return { obtain };
}

async function keyOf(options: DependencyStoreOptions, request: DependencyRequest): Promise<string> {
  const { install, id } = request.profile;
  const { command, files, manager } = install;
  if (files !== undefined) {
    const tool = manager === undefined ? {} : { manager: `${manager.name}@${manager.version}` };
    const parts = { toolchain: id, command, files, platform: options.platform, ...tool };
    return sha256(canonicalJson(parts)).slice("sha256:".length);
  }
  const lockfile =
    install.lockfile === undefined ? "" : ((await request.readText(install.lockfile)) ?? "");
  const text = canonicalJson({
    toolchain: id,
    command,
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
  const stamp = await readStamp(folder);
  if (stamp === undefined) return undefined;
  const nowSeconds = options.clock.now() / 1000;
  await utimes(join(folder, stampName), nowSeconds, nowSeconds).catch(() => undefined);
  return ready(options, request, key, stamp);
}

function ready(
  options: DependencyStoreOptions,
  request: DependencyRequest,
  key: string,
  stamp: Stamp,
): DependencyAnswer {
  const store = join(depsFolder(options), key);
  const more = (stamp.folders ?? []).map((folder) => ({ folder, hostPath: join(store, folder) }));
  return {
    kind: "ready",
    hostPath: join(store, request.profile.install.folder),
    ...(more.length === 0 ? {} : { more }),
    writable: request.profile.id === "node" ? writableInNodeModules : [],
    packages: stamp.packages,
    exitCode: 0,
    output: stamp.output,
  };
}
