import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect } from "vitest";
import { checkService } from "../../support/openapi-checker/check-service.ts";
import { readTemplate, templateFolder } from "./render-project.ts";

export const installTimeoutMs = 180_000;
export const gatesTimeoutMs = 180_000;
const maxOutputBytes = 10 * 1024 * 1024;
export const token = "system-test-0123456789";

type Environment = Readonly<Record<string, string | undefined>>;

/** The command's output; throws with it when the command fails. */
export async function run(
  folder: string,
  command: string,
  args: readonly string[],
  env: Environment = {},
): Promise<string> {
  const options = {
    cwd: folder,
    maxBuffer: maxOutputBytes,
    env: { ...process.env, CI: "1", ...env },
  };
  try {
    return (await promisify(execFile)(command, [...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** `node_modules` of the template's lock file, installed once a machine and lock file. */
export async function installed(): Promise<string> {
  const lock = readTemplate().get("package-lock.json") ?? "";
  const key = createHash("sha256").update(lock).update(process.version).digest("hex").slice(0, 16);
  const store = join(tmpdir(), `autosd-test-api-service-${key}`);
  if (existsSync(store)) return join(store, "node_modules");
  const work = mkdtempSync(join(tmpdir(), "autosd-test-install-"));
  for (const file of ["package.json", "package-lock.json"])
    cpSync(join(templateFolder, file), join(work, file));
  await run(work, "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  try {
    renameSync(work, store);
  } catch {
    // Another test run was faster.
    rmSync(work, { recursive: true, force: true });
  }
  return join(store, "node_modules");
}

/** A folder below `root` that has the dependencies. */
export function projectFolder(root: string, name: string, modules: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(modules, join(folder, "node_modules"));
  return folder;
}

/** What a verifier runs, on a project as it stands. */
export async function gates(folder: string): Promise<void> {
  const bin = join(folder, "node_modules", ".bin");
  await Promise.all([
    run(folder, join(bin, "biome"), ["check", "--error-on-warnings", "."]),
    run(folder, join(bin, "tsc"), ["--noEmit"]),
  ]);
  await run(folder, join(bin, "vitest"), ["run"]);
}

export async function build(folder: string): Promise<void> {
  await run(folder, join(folder, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"]);
}

/** A built service that runs. */
export interface RunningService {
  readonly url: string;
  /** Sends SIGTERM; gives the exit code. */
  stop(): Promise<unknown>;
}

/** Starts what was built, on a port and a database of its own. */
export async function startService(
  folder: string,
  command: readonly [string, ...string[]] = [process.execPath, "dist/main.js"],
  env: Environment = {},
): Promise<RunningService> {
  const [program, ...args] = command;
  const database = join(folder, "data", "test.db");
  const child = spawn(program, args, {
    cwd: folder,
    env: { PORT: "0", API_TOKENS: token, DATABASE_FILE: database, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit").then(([code]) => code as unknown);
  const closed = once(child, "close");
  const errors: string[] = [];
  child.stderr.on("data", (text: Buffer) => errors.push(text.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening at (http[^"]+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      stop: () => {
        child.kill("SIGTERM");
        return exited;
      },
    };
  }
  await closed;
  throw new Error(`the service ended before it listened: ${errors.join("")}`);
}

/** Builds and starts the service, and holds every operation of it against its own API document. */
export async function expectToKeepItsDocument(folder: string): Promise<void> {
  await build(folder);
  const service = await startService(folder);
  try {
    const report = await checkService({ baseUrl: service.url, token });
    expect(report.problems).toEqual([]);
    expect(report.notCovered).toEqual([]);
    expect(report.calls).toBeGreaterThan(report.operations * 2);
  } finally {
    expect(await service.stop()).toBe(0);
  }
}
