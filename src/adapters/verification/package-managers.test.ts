import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import type { DependencyAnswer } from "../../delivery/verification/dependency-store.port.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox, registryHosts } from "../sandbox/create-sandbox.ts";
import { createDependencyStore } from "./dependency-store.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-managers-"));
afterAll(() => rm(base, { recursive: true, force: true }));
const fixtures = join(import.meta.dirname, "../../../test/fixtures/lockfiles");
let sandbox: Sandbox;

beforeAll(async () => {
  const home = join(base, "home");
  await mkdir(home, { mode: 0o700 });
  sandbox = await createSandbox({
    preference: "auto",
    runner: createProcessRunner(),
    autosdHome: home,
    scratchDirectory: join(home, "work", "sandbox"),
    clock: systemClock,
    ids: systemIds,
    environment: process.env,
  });
});

type Files = Readonly<Record<string, string>>;

const store = () =>
  createDependencyStore({
    cacheFolder: join(base, "home", "cache"),
    sandbox,
    clock: systemClock,
    leases: { share: async () => undefined },
    isReachable: async () => true,
    registryHosts: () => registryHosts({ runner: createProcessRunner(), environment: process.env }),
    environment: {},
    platform: "test",
  });

async function install(files: Files): Promise<DependencyAnswer> {
  const readText = async (path: string) => files[path];
  const profile = await detectToolchain({ paths: Object.keys(files).sort(), readText });
  if ("kind" in profile) throw new Error(profile.reason);
  if (profile.install.refusal !== undefined) throw new Error(profile.install.refusal);
  return store().obtain({ profile, readText, mayInstall: true }, AbortSignal.timeout(240_000));
}

/** Two packages, one of which uses the other and one of the registry's. */
const manifests: Files = {
  "package.json": JSON.stringify({
    name: "two",
    version: "1.0.0",
    private: true,
    workspaces: ["packages/*"],
    scripts: { postinstall: "touch /workspace/node_modules/ran" },
  }),
  "packages/core/package.json": JSON.stringify({
    name: "core",
    version: "1.0.0",
    bin: "cli.js",
    dependencies: { ms: "2.1.3" },
  }),
  "packages/core/cli.js": "#!/usr/bin/env node\n",
  "packages/web/package.json": JSON.stringify({
    name: "web",
    version: "1.0.0",
    dependencies: { core: "workspace:*" },
  }),
};

const plain = {
  ...manifests,
  "packages/web/package.json": (manifests["packages/web/package.json"] ?? "").replace(
    "workspace:*",
    "1.0.0",
  ),
};

const managers: readonly (readonly [
  name: string,
  lockfile: string,
  fixture: string,
  files: Files,
])[] = [
  ["npm", "package-lock.json", "npm", plain],
  [
    "pnpm 10",
    "pnpm-lock.yaml",
    "pnpm-9",
    { ...manifests, "pnpm-workspace.yaml": "packages:\n  - packages/*\n" },
  ],
  [
    "pnpm 8",
    "pnpm-lock.yaml",
    "pnpm-6",
    { ...manifests, "pnpm-workspace.yaml": "packages:\n  - packages/*\n" },
  ],
  [
    "pnpm 7",
    "pnpm-lock.yaml",
    "pnpm-5",
    { ...manifests, "pnpm-workspace.yaml": "packages:\n  - packages/*\n" },
  ],
  ["yarn 1", "yarn.lock", "yarn-classic", plain],
  ["yarn 4", "yarn.lock", "yarn-berry", manifests],
  ["yarn 3", "yarn.lock", "yarn-3", manifests],
  ["bun", "bun.lock", "bun", manifests],
];

async function locked(lockfile: string, fixture: string): Promise<Files> {
  return { [lockfile]: await readFile(join(fixtures, fixture, lockfile), "utf8") };
}

/** One more dependency than the lockfile knows. */
function drifted(files: Files): Files {
  const path = "packages/core/package.json";
  const text = (files[path] ?? "").replace('"ms":"2.1.3"', '"ms":"2.1.3","depd":"2.0.0"');
  return { ...files, [path]: text };
}

describe("a repository with two packages", () => {
  it.concurrent.each(managers)(
    "is installed by %s as its lockfile says, and not at all when that is out of date",
    async (name, lockfile, fixture, files) => {
      const whole = { ...files, ...(await locked(lockfile, fixture)) };
      const answer = await install(whole);
      expect(answer).toMatchObject({ kind: "ready" });
      if (answer.kind !== "ready") return;
      const folders = [answer.hostPath, ...(answer.more ?? []).map((one) => one.hostPath)];
      const shown = (await Promise.all(folders.map((one) => readdir(one)))).flat();
      expect(shown).toContain("ms");
      expect(shown).toContain("core");
      expect(shown).not.toContain("ran");
      // This one looks at the root's manifest alone.
      if (name === "yarn 1") return;
      expect(await install(drifted(whole))).toMatchObject({ kind: "refused" });
    },
    240_000,
  );
});

describe("a package manager", () => {
  const named = (packageManager: string): Files => ({
    "package.json": JSON.stringify({ dependencies: { ms: "2.1.3" }, packageManager }),
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
  });

  it("is not used when its program is another than the project names", async () => {
    const answer = await install(named(`pnpm@10.34.9+sha512.${"0".repeat(128)}`));
    expect(answer).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("does not digest to what it says") as string,
    });
  });

  it("is not there in a version that nobody published", async () => {
    expect(await install(named("pnpm@10.999.0"))).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("10.999.0") as string,
    });
  });
});
