import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import type { Sandbox, SandboxCommand } from "../../delivery/agent/sandbox.port.ts";
import {
  dependencyStoreContract,
  type DependencyStoreSubject,
} from "../../delivery/verification/dependency-store.contract.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import type { DependencyRequest } from "../../delivery/verification/dependency-store.port.ts";
import type { ToolchainProfile } from "../../delivery/verification/toolchain.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { systemClock } from "../process/system-clock.ts";
import { createDependencyStore } from "./dependency-store.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-deps-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let places = 0;
const place = (): string => join(base, `p${String((places += 1))}`);

function lockfileOf(packages: Readonly<Record<string, string>>, project: string): string {
  return JSON.stringify({
    name: project,
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": { name: project, version: "1.0.0", dependencies: packages },
      ...Object.fromEntries(
        Object.entries(packages).map(([name, version]) => [
          `node_modules/${name}`,
          { version, integrity: "sha512-AAAA" },
        ]),
      ),
    },
  });
}

/** npm as far as the store is concerned: reads the mounted folder, fills it, or says why not. */
function fakeNpm(started: SandboxCommand[]): Sandbox {
  const end = (exitCode: number, stderr: string): ProcessResult => ({
    end: { kind: "exited", exitCode },
    stdout: "",
    stderr,
    durationMs: 1,
  });
  return {
    backend: "unshare",
    adopt: async () => undefined,
    async run(command) {
      started.push(command);
      const root = command.mounts[0]?.hostPath ?? "";
      const lockfile = await readFile(join(root, "package-lock.json"), "utf8");
      if (lockfile.includes("unreachable"))
        return end(1, "npm error code ENOTFOUND\nnpm error network request to x failed\n");
      if (lockfile.includes("refused"))
        return end(1, "npm error code E404\nnpm error 404 Not Found - refused@1.0.0\n");
      const { packages } = JSON.parse(lockfile) as { packages: Record<string, unknown> };
      delete packages[""];
      await mkdir(join(root, "node_modules"));
      await writeFile(
        join(root, "node_modules", ".package-lock.json"),
        JSON.stringify({ packages }),
      );
      return end(0, "");
    },
  };
}

function storeAt(cacheFolder: string, sandbox: Sandbox) {
  return createDependencyStore({
    cacheFolder,
    sandbox,
    clock: systemClock,
    leases: { share: async () => undefined },
    registryHosts: async () => ["registry.example:443"],
    isReachable: async () => true,
    environment: { npm_config_registry: "https://registry.example/" },
    platform: "test",
  });
}

async function subject(): Promise<
  DependencyStoreSubject & { readonly cacheFolder: string; readonly started: SandboxCommand[] }
> {
  const cacheFolder = place();
  const started: SandboxCommand[] = [];
  const open = () => storeAt(cacheFolder, fakeNpm(started));
  const profile = await nodeProfile();
  return {
    cacheFolder,
    started,
    store: open(),
    reopen: open,
    installs: () => started.length,
    request: (packages, options) => requestOf(profile, packages, options),
  };
}

async function nodeProfile(): Promise<ToolchainProfile> {
  const found = await detectToolchain({
    paths: ["package.json", "package-lock.json"],
    readText: async (path) =>
      path === "package.json"
        ? '{"dependencies":{"ms":"2.1.3"}}'
        : lockfileOf({ ms: "2.1.3" }, "x"),
  });
  if ("kind" in found) throw new Error(found.reason);
  return found;
}

function requestOf(
  profile: ToolchainProfile,
  packages: Readonly<Record<string, string>>,
  options: { readonly mayInstall?: boolean; readonly project?: string } = {},
): DependencyRequest {
  const project = options.project ?? "sample";
  return {
    profile,
    mayInstall: options.mayInstall ?? true,
    readText: async (path) =>
      path === "package-lock.json"
        ? lockfileOf(packages, project)
        : JSON.stringify({
            name: project,
            scripts: { postinstall: "evil" },
            dependencies: packages,
          }),
  };
}

dependencyStoreContract("folders", subject);

describe("the dependency store on disk", () => {
  it("reaches the registry only, runs no script of the project, and shares npm's cache", async () => {
    const { store, started, request } = await subject();
    const answer = await store.obtain(request({ ms: "2.1.3" }), AbortSignal.timeout(120_000));
    const [command] = started;
    expect(command?.egress).toEqual({ kind: "allow-list", hosts: ["registry.example:443"] });
    expect(command?.command).toContain("--ignore-scripts");
    expect(command?.mounts.map((mount) => mount.path)).toEqual(["/workspace", "/npm-cache"]);
    if (answer.kind !== "ready") throw new Error(answer.kind);
    const manifest = await readFile(join(answer.hostPath, "..", "package.json"), "utf8");
    expect(manifest).not.toContain("evil");
    for (const name of answer.writable)
      expect(await readdir(join(answer.hostPath, name))).toEqual([]);
  });

  it("leaves no half store after kill -9, and fills it the next time", async () => {
    const { cacheFolder, store, request } = await subject();
    const worker = join(base, "worker.mjs");
    await build({
      stdin: {
        resolveDir: import.meta.dirname,
        loader: "ts",
        contents: `
          import { mkdirSync, writeFileSync } from "node:fs";
          import { createDependencyStore } from "./dependency-store.ts";
          const profile = JSON.parse(process.argv[3]);
          const store = createDependencyStore({
            cacheFolder: process.argv[2],
            sandbox: {
              backend: "unshare",
              adopt: async () => undefined,
              run: (command) => {
                mkdirSync(command.mounts[0].hostPath + "/node_modules/half", { recursive: true });
                writeFileSync(command.mounts[0].hostPath + "/node_modules/half/file", "x");
                process.stdout.write("installing");
                return new Promise(() => setInterval(() => undefined, 1000));
              },
            },
            clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
            leases: { share: async () => undefined },
            registryHosts: async () => [],
            isReachable: async () => true,
            environment: {},
            platform: "test",
          });
          await store.obtain(
            { profile, mayInstall: true, readText: async (path) => process.argv[path === "package-lock.json" ? 4 : 5] },
            new AbortController().signal,
          );`,
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: worker,
    });
    const wanted = request({ ms: "2.1.3" });
    const child = spawn(process.execPath, [
      worker,
      cacheFolder,
      JSON.stringify(wanted.profile),
      (await wanted.readText("package-lock.json")) ?? "",
      (await wanted.readText("package.json")) ?? "",
    ]);
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const left = await readdir(join(cacheFolder, "deps"));
    expect(left).toEqual([expect.stringMatching(/^\.fill-/)]);
    const missing = { ...wanted, mayInstall: false };
    expect(await store.obtain(missing, AbortSignal.timeout(120_000))).toEqual({ kind: "missing" });
    expect(await store.obtain(wanted, AbortSignal.timeout(120_000))).toMatchObject({
      kind: "ready",
    });
  });

  it("says when the cache cannot be written", async () => {
    const { request } = await subject();
    const blocked = place();
    await writeFile(blocked, "a file");
    const store = storeAt(join(blocked, "cache"), fakeNpm([]));
    await expect(
      store.obtain(request({ ms: "2.1.3" }), AbortSignal.timeout(120_000)),
    ).rejects.toMatchObject({ code: "AUTOSD-VERIFY-STORAGE" });
  });
});
