import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelAnswer } from "../../src/delivery/agent/model/model.port.ts";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { sumsCalls, sumsDocument, sumsModel } from "../support/model-world/scripted-sums.ts";

const key = "key-of-the-scripted-provider-0123456789";

describe("requirements through the built program with a language model", () => {
  let place: Place;
  let server: ModelServer;
  let ran: CliResult;
  let result: RunResult;
  let out = "";
  const unexpected: string[] = [];

  const build = (
    folder: string,
    more: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CliResult> =>
    place.autosd(
      [
        ...["run", "--requirements-file", place.path("sums.md"), "--output-dir", folder, "--json"],
        ...["--log-file", place.path("debug.log"), "--verbose", ...more],
      ],
      { env },
    );
  const withModel = (folder: string, more: readonly string[] = []): Promise<CliResult> =>
    build(
      folder,
      [
        ...["--provider", "openai", "--model", "scripted", "--base-url", `${server.url}/v1`],
        ...more,
      ],
      { OPENAI_API_KEY: key },
    );
  const git = async (folder: string, ...args: readonly string[]): Promise<string> => {
    const said = await place.run("git", ["-C", folder, ...args]);
    expect(said.code, said.stderr).toBe(0);
    return said.stdout.trim();
  };

  beforeAll(async () => {
    place = await Place.create();
    await writeFile(place.path("sums.md"), sumsDocument);
    server = await startModelServer(
      sumsModel((call) => unexpected.push(JSON.stringify(call.turns))),
      { key },
    );
    out = place.path("sums");
    ran = await withModel(out, ["--record", place.path("session.json")]);
    expect(ran.code, ran.stderr).toBe(0);
    result = JSON.parse(ran.stdout) as RunResult;
  });
  afterAll(async () => {
    await server.close();
    await place.dispose();
  });

  it("builds and verifies every story", () => {
    expect(result.outcome).toBe("verified");
    expect(result.stories.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "ST-1 done",
      "ST-2 done",
      "ST-3 done",
    ]);
    expect(result.testsRun).toBe(4);
    expect(result.projectGates.map(({ verdict }) => verdict)).not.toContain("red");
  });

  it("leaves one commit a story with its trailers, its evidence and a clean checkout that passes", async () => {
    const format = ["Story", "Run", "Verification"]
      .map((name) => `%(trailers:key=${name},valueonly,separator=%x2C)`)
      .join("|");
    const log = await git(out, "log", "--reverse", `--format=%an|%T|${format}`);
    const commits = log.split("\n").map((line) => line.split("|"));
    expect(commits.map(([, , story]) => story)).toEqual(["ST-1", "ST-2", "ST-3"]);
    for (const [author, tree = "", , run, digest] of commits) {
      expect(author).toBe("autosd");
      expect(run).toBe(result.runId);
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await readdir(join(out, ".autosd", "evidence", tree))).toContain("acceptance.log");
    }
    expect(await git(out, "status", "--porcelain")).toBe("");
    const clone = place.path("clone");
    await git(out, "clone", "-q", out, clone);
    const tests = await place.run("npm", ["test"], { cwd: clone });
    expect(tests.code, tests.stdout).toBe(0);
  });

  it("says in the provenance which models planned and built", async () => {
    const file = join(out, ".autosd", "provenance", "build_manifest.json");
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      builder: { provider: "openai", models: { planner: "scripted", implementer: "scripted" } },
    });
  });

  it("asks exactly what was to be asked, and pays for nothing twice", () => {
    const { entries, paid } = server.ledger;
    expect(unexpected).toEqual([]);
    expect(entries).toHaveLength(sumsCalls);
    expect(paid).toHaveLength(entries.length);
    expect(new Set(paid.map(({ request }) => request)).size).toBe(paid.length);
    expect(new Set(paid.map(({ model }) => model))).toEqual(new Set(["scripted"]));
  });

  it("journals every answer with its tokens, as the provider counted them", async () => {
    const journal = await readFile(join(out, ".autosd", "prompt_journal.jsonl"), "utf8");
    const usages = journal
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly kind: string; readonly answer?: ModelAnswer })
      .flatMap(({ kind, answer }) => (kind === "answer" ? [answer?.usage] : []));
    expect(usages.map((usage) => [usage?.inputTokens, usage?.outputTokens])).toEqual(
      server.ledger.paid.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]),
    );
  });

  it("shows the key to the provider and to nobody else", async () => {
    for (const text of [ran.stdout, ran.stderr]) expect(text).not.toContain(key);
    const journal = await readFile(join(out, ".autosd", "prompt_journal.jsonl"), "utf8");
    expect(journal).toContain("npm test && env");
    expect(journal).toContain("PATH=");
    expect(journal).not.toContain("OPENAI_API_KEY");
    const files = (await readdir(place.root, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const bytes = await readFile(join(file.parentPath, file.name));
      expect(bytes.includes(key), file.name).toBe(false);
    }
  });

  it("asks nothing when the same is asked for again", async () => {
    const before = await git(out, "rev-parse", "HEAD");
    const again = await withModel(out);
    expect(again.code, again.stderr).toBe(0);
    expect(server.ledger.entries).toHaveLength(sumsCalls);
    expect(await git(out, "rev-parse", "HEAD")).toBe(before);
  });

  it("is replayed from its recording to the same trees without asking anybody", async () => {
    const copy = place.path("copy");
    const replayed = await build(copy, [
      ...["--provider", "replay", "--replay-file", place.path("session.json")],
    ]);
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(server.ledger.entries).toHaveLength(sumsCalls);
    expect(await git(copy, "log", "--format=%T %s")).toBe(await git(out, "log", "--format=%T %s"));
    const odd = await git(copy, "ls-tree", "HEAD", "bin/");
    expect(odd).toMatch(/^120000 .*bin\/main.js$/m);
    expect(odd).toMatch(/^100755 .*bin\/sum$/m);
    expect(odd).toMatch(/^100644 .*bin\/sums.dat$/m);
    // Small enough to be kept in a repository.
    expect((await stat(place.path("session.json"))).size).toBeLessThan(32 * 1024);
  });
});
