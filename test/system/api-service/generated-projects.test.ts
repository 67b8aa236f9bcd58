import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
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
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProductModel } from "../../../src/blueprint/model/product-model.ts";
import { checkService } from "../../support/openapi-checker/check-service.ts";
import { bookmarksModel } from "./models/bookmarks.ts";
import { everythingModel } from "./models/everything.ts";
import { readTemplate, renderInto, templateFolder } from "./render-project.ts";

const installTimeoutMs = 180_000;
const gatesTimeoutMs = 120_000;
const maxOutputBytes = 10 * 1024 * 1024;
const token = "system-test-0123456789";

async function run(folder: string, command: string, args: readonly string[]): Promise<string> {
  const options = { cwd: folder, maxBuffer: maxOutputBytes, env: { ...process.env, CI: "1" } };
  try {
    return (await promisify(execFile)(command, [...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** `node_modules` of the template's lock file, installed once a machine and lock file. */
async function installed(): Promise<string> {
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

/** What a verifier runs, on a project as it stands. */
async function gates(folder: string): Promise<void> {
  const bin = join(folder, "node_modules", ".bin");
  await Promise.all([
    run(folder, join(bin, "biome"), ["check", "--error-on-warnings", "."]),
    run(folder, join(bin, "tsc"), ["--noEmit"]),
  ]);
  await run(folder, join(bin, "vitest"), ["run"]);
}

describe("generated projects", () => {
  let root: string;
  let modules: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "autosd-test-projects-"));
    modules = await installed();
  }, installTimeoutMs);
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function project(name: string, product: ProductModel, stories: number): string {
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, "node_modules")))
      symlinkSync(modules, join(folder, "node_modules"));
    renderInto(folder, product, stories);
    return folder;
  }

  it.each([1, 8, 13])(
    "passes its own lint, types and tests after %i stories",
    async (stories) => {
      await gates(project("bookmarks-stories", bookmarksModel, stories));
    },
    gatesTimeoutMs,
  );

  it.each([
    ["bookmarks", bookmarksModel],
    ["everything", everythingModel],
  ] as const)(
    "passes its own lint, types and tests when %s is whole, and keeps to its API document",
    async (name, product) => {
      const folder = project(name, product, product.features.length);
      await gates(folder);
      await run(folder, join(folder, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"]);
      const service = await startService(folder);
      try {
        const report = await checkService({ baseUrl: service.url, token });
        expect(report.problems).toEqual([]);
        expect(report.notCovered).toEqual([]);
        expect(report.calls).toBeGreaterThan(report.operations * 4);
      } finally {
        service.kill("SIGTERM");
      }
      expect(await service.exited).toBe(0);
    },
    gatesTimeoutMs,
  );

  it.each([bookmarksModel, everythingModel])(
    "keeps what earlier stories rendered, but for the files that the next needs",
    (product) => {
      for (const stories of [2, 6, 10, product.features.length - 1]) {
        const before = renderInto(join(root, "diff"), product, stories);
        const after = renderInto(join(root, "diff"), product, stories + 1);
        const gone = before.filter((path) => !after.includes(path));
        expect(gone).toEqual([]);
        const added = after.filter((path) => path.startsWith("test/acceptance/"));
        expect(added).toHaveLength(stories + 1);
      }
    },
  );
});

async function startService(folder: string): Promise<{
  readonly url: string;
  readonly exited: Promise<unknown>;
  readonly kill: (signal: NodeJS.Signals) => void;
}> {
  const child = spawn(process.execPath, ["dist/main.js"], {
    cwd: folder,
    env: { PORT: "0", API_TOKENS: token, DATABASE_FILE: join(folder, "data", "test.db") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => code as unknown);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening at (http[^"]+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { url, exited, kill: (signal) => void child.kill(signal) };
  }
  throw new Error("the service ended before it listened");
}
