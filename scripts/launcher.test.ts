import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let clone: string;

/** A clone with the real launcher and scripts, the real bundler, and a program of two files. */
function makeClone(path: string): void {
  mkdirSync(join(path, "src"), { recursive: true });
  mkdirSync(join(path, "scripts/build"), { recursive: true });
  copyFileSync(join(root, "autosd"), join(path, "autosd"));
  const bundling = readdirSync(join(root, "scripts/build")).map((name) => `build/${name}`);
  for (const script of ["build.mjs", "prepare.mjs", ...bundling])
    copyFileSync(join(root, "scripts", script), join(path, "scripts", script));
  // Names of the real source, of which this program has nothing.
  writeFileSync(join(path, "scripts/build/groups.mjs"), "export const groups = {};\n");
  const esbuild = `file:${join(root, "node_modules/esbuild")}`;
  const manifest = {
    name: "autosd",
    version: "1.2.3",
    type: "module",
    devDependencies: { esbuild },
  };
  writeFileSync(join(path, "package.json"), JSON.stringify(manifest));
  const made = spawnSync("npm", ["install", "--package-lock-only", "--no-audit", "--no-fund"], {
    cwd: path,
    encoding: "utf8",
  });
  expect(made.status, made.stderr).toBe(0);
  writeFileSync(
    join(path, "src/main.ts"),
    'import { show } from "./show.ts";\nshow(process.argv.slice(2));\n',
  );
  writeSource("first");
}

/** Just newer than the build before it, whatever the clock of the file system resolves. */
function touch(path: string): void {
  const stamp = join(clone, "dist/.built");
  if (!existsSync(stamp)) return;
  const later = new Date(statSync(stamp).mtimeMs + 20);
  utimesSync(path, later, later);
}

function writeSource(greeting: string): void {
  const path = join(clone, "src/show.ts");
  writeFileSync(
    path,
    `export function show(args: string[]): void {\n  process.stdout.write(JSON.stringify({ greeting: "${greeting}", args }));\n}\n`,
  );
  touch(path);
}

function launch(
  args: readonly string[],
  options: { readonly path?: string; readonly launcher?: string; readonly cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(options.launcher ?? join(clone, "autosd"), args, {
    cwd: options.cwd ?? folder,
    env: { ...process.env, NODE_ENV: "production", PATH: options.path ?? process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** A PATH with only these programs on it. */
function pathWith(name: string, programs: readonly string[]): string {
  const bin = join(folder, name);
  mkdirSync(bin, { recursive: true });
  for (const program of programs) {
    const found = (process.env["PATH"] ?? "")
      .split(delimiter)
      .map((one) => join(one, program))
      .find((one) => existsSync(one));
    if (found !== undefined && !existsSync(join(bin, program)))
      symlinkSync(found, join(bin, program));
  }
  return bin;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "autosd launcher "));
  clone = join(folder, "a clone");
  makeClone(clone);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("a fresh clone", () => {
  it("installs, builds and runs once for two that start at the same time, from anywhere", async () => {
    const link = join(folder, "link");
    symlinkSync("a clone/autosd", link);
    const ends = await Promise.all([
      launch(["a b", "*", ""], { launcher: link, cwd: "/" }),
      launch(["a b", "*", ""]),
    ]);
    for (const end of ends) {
      expect(end.stderr).not.toContain("remedy");
      expect(end.code).toBe(0);
      expect(JSON.parse(end.stdout)).toEqual({ greeting: "first", args: ["a b", "*", ""] });
    }
    const said = ends.map((end) => end.stderr).join("");
    expect(said.match(/installing/g)).toHaveLength(1);
    expect(said.match(/building/g)).toHaveLength(1);
  });

  it("survives an installation that was killed", async () => {
    rmSync(join(clone, "node_modules"), { recursive: true });
    rmSync(join(clone, "dist"), { recursive: true });
    rmSync(join(clone, ".autosd-install.log"), { force: true });
    const child = spawn(join(clone, "autosd"), [], { detached: true, stdio: "ignore" });
    await expect
      .poll(() => existsSync(join(clone, ".autosd-install.log")), { timeout: 240_000, interval: 5 })
      .toBe(true);
    process.kill(-(child.pid ?? 0), "SIGKILL");
    const end = await launch([]);
    expect(end.code, end.stderr).toBe(0);
  });
});

describe("an installed clone", () => {
  beforeEach(async () => {
    const end = await launch([]);
    expect(end.code, end.stderr).toBe(0);
  });

  it("says nothing and rebuilds nothing when nothing changed", async () => {
    const before = readFileSync(join(clone, "dist/main.js"), "utf8");
    const end = await launch(["x"]);
    expect(end).toEqual({ code: 0, stderr: "", stdout: '{"greeting":"first","args":["x"]}' });
    expect(readFileSync(join(clone, "dist/main.js"), "utf8")).toBe(before);
  });

  it("rebuilds when a source file changes, and keeps running what was built when the change is broken", async () => {
    writeSource("second");
    const second = await launch([]);
    expect(second.stderr).toBe("autosd: building\n");
    expect(second.stdout).toContain('"second"');

    writeFileSync(join(clone, "src/show.ts"), "export function show( {");
    touch(join(clone, "src/show.ts"));
    const broken = await launch([]);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain("show.ts");
    expect(broken.stderr).toContain("the build failed");
    const still = spawnSync(process.execPath, [join(clone, "dist/main.js")], { encoding: "utf8" });
    expect(still.stdout).toContain('"second"');

    writeSource("first");
    expect((await launch([])).stdout).toContain('"first"');
  });

  it.each(["scripts/build.mjs", "scripts/build/groups.mjs"])(
    "rebuilds when %s changes, by which it is built",
    async (script) => {
      touch(join(clone, script));
      expect((await launch([])).stderr).toBe("autosd: building\n");
      expect((await launch([])).stderr).toBe("");
    },
  );

  it("holds a program that runs by itself, and nothing that was only needed to build it", () => {
    const main = join(clone, "dist/main.js");
    const ended = spawnSync(main, ["x"], { encoding: "utf8" });
    expect(ended.stdout).toBe('{"greeting":"first","args":["x"]}');
    expect(readFileSync(main, "utf8").startsWith("#!/usr/bin/env node\n")).toBe(true);
    expect(readdirSync(clone).filter((name) => name.startsWith(".autosd-build-"))).toEqual([]);
  });

  it("clears away what a killed build has left, once it is old", async () => {
    const old = join(clone, ".autosd-build-old");
    const fresh = join(clone, ".autosd-build-fresh");
    for (const path of [old, fresh]) mkdirSync(path);
    const yesterday = new Date(Date.now() - 24 * 3600 * 1000);
    utimesSync(old, yesterday, yesterday);
    writeSource("first");
    expect((await launch([])).code).toBe(0);
    expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
    rmSync(fresh, { recursive: true });
  });

  it("notices a source file that was removed", async () => {
    unlinkSync(join(clone, "src/show.ts"));
    touch(join(clone, "src"));
    const end = await launch([]);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain("show.ts");
    writeSource("first");
    expect((await launch([])).code).toBe(0);
  });

  it("installs again when the lockfile names something else, not when it is only younger", async () => {
    const lockfile = join(clone, "package-lock.json");
    const later = new Date(Date.now() + 5_000);
    utimesSync(lockfile, later, later);
    expect((await launch([])).stderr).toBe("");

    const hidden = join(clone, "node_modules/.package-lock.json");
    const record = JSON.parse(readFileSync(hidden, "utf8")) as {
      packages: Record<string, unknown>;
    };
    record.packages["node_modules/gone-since"] = { version: "1.0.0", integrity: "sha512-x" };
    writeFileSync(hidden, JSON.stringify(record));
    const evenLater = new Date(Date.now() + 60_000);
    utimesSync(lockfile, evenLater, evenLater);
    expect((await launch([])).stderr).toContain("installing");
  });

  it("takes turns without flock and takes a dead owner's lock", async () => {
    const path = pathWith("no-flock", ["sh", "find", "readlink", "node"]);
    const lock = join(clone, ".autosd-prepare.lock.d");
    mkdirSync(lock);
    const gone = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(join(lock, "pid"), String(gone.pid));
    writeSource("third");
    const ends = await Promise.all([
      launch([], { path }),
      launch([], { path }),
      launch([], { path }),
    ]);
    for (const end of ends) {
      expect(end.code, end.stderr).toBe(0);
      expect(end.stdout).toContain('"third"');
    }
    expect(existsSync(lock)).toBe(false);
    writeSource("first");
    await launch([]);
  });
});

describe("a machine that cannot run it", () => {
  it("names the remedy when Node.js is missing", async () => {
    const end = await launch([], { path: pathWith("no-node", ["sh", "find", "readlink"]) });
    expect(end.code).toBe(2);
    expect(end.stderr).toMatch(/Node\.js was not found\nremedy: install Node\.js 20\.19/);
  });

  it.each(["v18.20.0", "v20.18.9"])("refuses Node.js %s", async (version) => {
    const bin = pathWith(`old-${version}`, ["sh", "find", "readlink"]);
    writeFileSync(join(bin, "node"), `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(bin, "node"), 0o755);
    const end = await launch([], { path: bin });
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`Node.js ${version.slice(1)} is too old`);
    expect(end.stderr).toContain("remedy: ");
  });

  it("shows what npm said when the installation fails", async () => {
    const other = join(folder, "bad lock");
    mkdirSync(other);
    for (const name of ["autosd", "package.json"])
      copyFileSync(join(clone, name), join(other, name));
    mkdirSync(join(other, "scripts"));
    copyFileSync(join(root, "scripts/prepare.mjs"), join(other, "scripts/prepare.mjs"));
    const lockfile = { name: "autosd", lockfileVersion: 3, packages: { "": {} } };
    writeFileSync(join(other, "package-lock.json"), JSON.stringify(lockfile));
    rmSync(join(other, "node_modules"), { recursive: true, force: true });
    writeFileSync(
      join(other, "package.json"),
      JSON.stringify({ name: "autosd", dependencies: { "left-out-of-the-lockfile": "1.0.0" } }),
    );
    mkdirSync(join(other, "src"));
    const end = await launch([], { launcher: join(other, "autosd") });
    expect(end.code).toBe(2);
    expect(end.stderr).toContain("npm ci failed");
    expect(end.stderr).toContain("remedy: ");
    expect(end.stdout).toBe("");
  });
});

// Kept honest: the digest of an unchanged program must not depend on where it was built.
it("builds the same program from the same source in another folder", async () => {
  const digest = (path: string) =>
    createHash("sha256")
      .update(readFileSync(join(path, "dist/main.js")))
      .digest("hex");
  const other = join(folder, "elsewhere");
  const kept = clone;
  clone = other;
  try {
    makeClone(other);
    const end = await launch([]);
    expect(end.code, end.stderr).toBe(0);
  } finally {
    clone = kept;
  }
  await launch([]);
  expect(digest(other)).toBe(digest(kept));
  expect(dirname(other)).toBe(folder);
});
