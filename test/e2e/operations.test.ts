import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { readDocument } from "../../src/delivery/requirements/read-document.ts";
import { Place, program, repository } from "../support/cli.ts";
import { startModelServer } from "../support/model-server/server.ts";
import { blueprintModel } from "../support/model-world/scripted-blueprint.ts";
import { checkService } from "../support/openapi-checker/check-service.ts";

interface Command {
  readonly line: string;
  readonly exitCode: number;
}

/** Every `$` line of the handbook's console blocks, in order. */
function commandsOf(handbook: string): readonly Command[] {
  const blocks = [...handbook.matchAll(/^```console\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("$ "))
    .map((line) => {
      const expected = /#\s*exits (\d+)\s*$/.exec(line);
      return {
        line: line.slice(2).replace(/\s*#\s*exits \d+\s*$/, ""),
        exitCode: expected === null ? 0 : Number(expected[1]),
      };
    });
}

const commands = commandsOf(await readFile(join(repository, "OPERATIONS.md"), "utf8"));
const token = ["an", "e2e", "token", "of", "thirty", "characters"].join("-");

let place: Place;
/** What each command of the handbook printed. */
const printed = new Map<string, string>();

beforeAll(async () => {
  place = await Place.create();
  await mkdir(place.path("bin"));
  await mkdir(place.path("work"));
  await writeFile(
    place.path("bin", "autosd"),
    `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
    { mode: 0o755 },
  );
});
afterAll(() => place.dispose());

describe("OPERATIONS.md", () => {
  it("has commands to run", () => {
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each(commands.map((command, index) => ({ ...command, index })))(
    "$index: $line",
    async ({ line, exitCode }) => {
      const result = await place.run("bash", ["-o", "pipefail", "-c", line], {
        cwd: place.path("work"),
        env: {
          PATH: `${place.path("bin")}:${process.env["PATH"] ?? ""}`,
          AUTOSD_EXAMPLES: join(repository, "examples"),
        },
      });
      expect(result.code, `${line}\n${result.stdout}\n${result.stderr}`).toBe(exitCode);
      printed.set(line, result.stdout);
    },
  );
});

// The handbook's main job is a first run in a fresh home: it is not done a second time to be looked at.
describe("what the handbook builds from examples/bookmarks.md", () => {
  const run =
    "autosd run --requirements-file requirements.md --output-dir bookmarks --project-id bookmarks";
  let out = "";
  let result: RunResult;

  beforeAll(() => {
    out = place.path("work", "bookmarks");
    result = JSON.parse(printed.get(`${run} --json`) ?? "null") as RunResult;
  });

  it("is the example, every story of it verified", async () => {
    expect(await readFile(place.path("work", "requirements.md"), "utf8")).toBe(
      await readFile(join(repository, "examples", "bookmarks.md"), "utf8"),
    );
    expect(printed.get(run)).toContain("verified");
    expect(result.outcome).toBe("verified");
    expect(result.stories.length).toBeGreaterThan(15);
    expect(result.stories.filter((story) => story.status !== "done")).toEqual([]);
    expect(result.testsRun).toBeGreaterThan(50);
    expect(result.projectGates.map((gate) => gate.verdict)).not.toContain("red");
  });

  it("leaves one commit a story, by autosd, with the evidence named, and a clean checkout", async () => {
    const log = await place.run("git", [
      "-C",
      out,
      "log",
      "--format=%an|%(trailers:key=Story,valueonly,separator=%x2C)|%(trailers:key=Verification,valueonly,separator=%x2C)",
    ]);
    const commits = log.stdout
      .trim()
      .split("\n")
      .map((line) => line.split("|"));
    expect(commits).toHaveLength(result.stories.length);
    expect(new Set(commits.map(([, story]) => story)).size).toBe(result.stories.length);
    for (const [author, , digest] of commits) {
      expect(author).toBe("autosd");
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
    const status = await place.run("git", ["-C", out, "status", "--porcelain"]);
    expect(status.stdout).toBe("");
  });

  it("traces every sentence of the requirements", async () => {
    const check = await place.autosd(["refine", "--check", "--output-dir", out]);
    expect(check.code, check.stdout).toBe(0);
  });

  it("writes what the contract names below .autosd", async () => {
    for (const file of [
      "refined_requirements.md",
      "backlog.json",
      "progress.json",
      "design_doc.md",
      "platform_plan.json",
      "sprint_log.jsonl",
      "provenance/build_manifest.json",
      "provenance/sbom.cdx.json",
    ]) {
      expect((await readFile(join(out, ".autosd", file), "utf8")).length, file).toBeGreaterThan(0);
    }
  });

  it("starts with the printed commands and answers real requests, good and bad", async () => {
    for (const line of result.howToStart.slice(0, -1)) {
      const [command = "", ...args] = line.split(" ");
      const ran = await place.run(command, args, { cwd: out });
      expect(ran.code, `${line}\n${ran.stdout}${ran.stderr}`).toBe(0);
    }
    const { service, url } = await startService(out);
    try {
      const report = await checkService({ baseUrl: url, token });
      expect(report.problems).toEqual([]);
      expect(report.notCovered).toEqual([]);
      expect(report.calls).toBeGreaterThan(100);
      service.kill("SIGTERM");
      const [code] = (await once(service, "exit")) as [number | null];
      expect(code).toBe(0);
    } finally {
      service.kill("SIGKILL");
    }
  });

  it("runs its own tests for whoever clones it", async () => {
    const clone = place.path("clone");
    expect((await place.run("git", ["clone", "-q", out, clone])).code).toBe(0);
    expect((await place.run("npm", ["ci", "--prefer-offline"], { cwd: clone })).code).toBe(0);
    const tests = await place.run("npm", ["test"], { cwd: clone });
    expect(tests.code, tests.stdout).toBe(0);
  });

  // The gates of these trees were green above: they are not run a second time.
  it("is built as well through the tools of a language model, to the same verified trees", async () => {
    const unexpected: string[] = [];
    const requirements = place.path("work", "requirements.md");
    const bytes = await readFile(requirements);
    const document = readDocument({ source: "requirements.md", bytes });
    const model = await blueprintModel(document, repository, (asked) => unexpected.push(asked));
    const server = await startModelServer(model.script, { key: token });
    try {
      const modelled = place.path("modelled");
      const ran = await place.autosd(
        [
          ...["run", "--requirements-file", requirements, "--output-dir", modelled, "--json"],
          ...["--provider", "openai", "--model", "scripted", "--base-url", `${server.url}/v1`],
        ],
        { env: { OPENAI_API_KEY: token } },
      );
      expect(ran.code, ran.stderr).toBe(0);
      const { outcome, stories, testsRun } = JSON.parse(ran.stdout) as RunResult;
      expect(outcome).toBe("verified");
      expect(stories.filter(({ status }) => status !== "done")).toEqual([]);
      expect(testsRun).toBe(result.testsRun);
      expect(unexpected).toEqual([]);
      expect(server.ledger.entries).toHaveLength(model.calls);
      expect(new Set(server.ledger.paid.map(({ request }) => request)).size).toBe(model.calls);
      expect(await commitsOf(modelled)).toEqual(await commitsOf(out));
    } finally {
      await server.close();
    }
  });

  async function commitsOf(folder: string): Promise<readonly string[]> {
    const format =
      "%T %(trailers:key=Story,valueonly,separator=%x2C) %(trailers:key=Verification,valueonly,separator=%x2C)";
    const log = await place.run("git", ["-C", folder, "log", `--format=${format}`]);
    return log.stdout.trim().split("\n");
  }
});

/** Resolves when the service says where it listens. */
async function startService(cwd: string) {
  const service = spawn(process.execPath, ["dist/main.js"], {
    cwd,
    env: place.env({
      // The service takes a free port itself: one that was looked for may be gone by then.
      PORT: "0",
      HOST: "127.0.0.1",
      LOG_LEVEL: "info",
      DATABASE_FILE: place.path("bookmarks.db"),
      API_TOKENS: token,
    }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: service.stdout })) {
    const url = /Server listening at (http:\/\/[^"]+)/.exec(line)?.[1];
    if (url === undefined) continue;
    service.stdout.resume();
    return { service, url };
  }
  throw new Error("the service ended before it listened");
}
