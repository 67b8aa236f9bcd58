import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { readDocument } from "../../src/delivery/requirements/read-document.ts";
import { Place, repository } from "../support/cli.ts";
import { startModelServer } from "../support/model-server/server.ts";
import { blueprintModel } from "../support/model-world/scripted-blueprint.ts";
import { checkService } from "../support/openapi-checker/check-service.ts";

const requirements = join(repository, "examples", "bookmarks.md");
const token = ["an", "e2e", "token", "of", "thirty", "characters"].join("-");

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("examples/bookmarks.md through the built program", () => {
  let place: Place;
  let result: RunResult;
  let out = "";

  beforeAll(async () => {
    place = await Place.create();
    out = place.path("bookmarks");
    const ran = await place.autosd([
      "run",
      "--requirements-file",
      requirements,
      "--output-dir",
      out,
      "--json",
    ]);
    expect(ran.code, ran.stderr).toBe(0);
    result = JSON.parse(ran.stdout) as RunResult;
  }, 900_000);
  afterAll(() => place.dispose());

  it("builds and verifies every story", () => {
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
    const port = await freePort();
    const service = await startService(out, port, place);
    try {
      const report = await checkService({ baseUrl: `http://127.0.0.1:${port}`, token });
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
    const bytes = await readFile(requirements);
    const document = readDocument({ source: "bookmarks.md", bytes });
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

/** Resolves when the service says that it is ready. */
async function startService(cwd: string, port: number, place: Place): Promise<ChildProcess> {
  const service = spawn(process.execPath, ["dist/main.js"], {
    cwd,
    env: place.env({
      PORT: String(port),
      HOST: "127.0.0.1",
      DATABASE_FILE: place.path("bookmarks.db"),
      API_TOKENS: token,
    }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  service.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  service.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(service, "exit").then(() => {
    throw new Error(`the service ended: ${output}`);
  });
  exited.catch(() => undefined);
  const ready = (async () => {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await Promise.race([ready, exited]);
  return service;
}
