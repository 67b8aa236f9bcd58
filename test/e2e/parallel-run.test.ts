import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { lettersProduct } from "../support/model-world/scripted-letters.ts";

/** The third story reads what the first one brings: ahead of its turn it finds nothing there. */
const product = lettersProduct(4, { readers: ["ST-3"] });

describe("stories that several workers ask for at once", () => {
  let place: Place;
  let server: ModelServer;
  let underWay = 0;
  let most = 0;
  /** So many answers are waited for before one is given. */
  let wanted = 1;
  let waiting: (() => void)[] = [];

  /** Lets nobody go on before so many are there; a run that is serial by mistake is let go after a while. */
  async function meet(place: number): Promise<void> {
    underWay += 1;
    most = Math.max(most, underWay);
    if (place === 0 && wanted > 1) {
      const met = new Promise<void>((resolve) => waiting.push(resolve));
      const late = setTimeout(release, 120_000);
      if (waiting.length >= wanted) release();
      await met;
      clearTimeout(late);
    }
    underWay -= 1;
  }

  function release(): void {
    wanted = 1;
    for (const go of waiting) go();
    waiting = [];
  }

  const run = (folder: string, more: readonly string[]): Promise<CliResult> =>
    place.autosd([
      ...[
        "run",
        "--requirements-file",
        place.path("letters.md"),
        "--output-dir",
        place.path(folder),
      ],
      ...["--json", "--reproducible", "--provider", "openai-compatible", "--model", "scripted"],
      ...["--base-url", `${server.url}/v1`, ...more],
    ]);
  const git = async (folder: string, ...args: readonly string[]): Promise<string> =>
    (await place.run("git", ["-C", place.path(folder), ...args])).stdout.trim();
  const log = (folder: string): Promise<string> => git(folder, "log", "--format=%T %s");

  let serial: string;
  let parallel: CliResult;
  let report: RunResult["parallelPrompts"];

  beforeAll(async () => {
    place = await Place.create();
    await writeFile(place.path("letters.md"), product.document);
    server = await startModelServer(product.script((_, turn) => meet(turn)));
    const one = await run("serial", []);
    expect(one.code, one.stderr).toBe(0);
    serial = await log("serial");
    expect(JSON.parse(one.stdout)).not.toHaveProperty("parallelPrompts");
    expect(most).toBe(1);
    wanted = 3;
    parallel = await run("parallel", [
      ...["--parallel-prompt-workers", "3", "--record", place.path("session.json")],
    ]);
    expect(parallel.code, parallel.stderr).toBe(0);
    report = (JSON.parse(parallel.stdout) as RunResult).parallelPrompts;
  });
  afterAll(async () => {
    await server.close();
    await place.dispose();
  });

  it("are under way together, and their commits are those of one after the other", async () => {
    expect(most).toBe(3);
    expect(await log("parallel")).toBe(serial);
  });

  it("are reported: how many were of use, and which file made one stale", () => {
    expect(report).toMatchObject({
      ...{ workers: 3, prefetched: 3, used: 2, discarded: 1 },
      stale: [
        {
          story: "ST-3",
          because: "read-set: src/a.js was added, which it had read",
          accepted: false,
        },
      ],
    });
    expect(report?.savedMs).toBeGreaterThan(0);
  });

  it("leave decisions in the prompt journal and nothing in the project", async () => {
    const journal = await readFile(place.path("parallel/.autosd/prompt_journal.jsonl"), "utf8");
    const decisions = journal
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { kind: string; story: string; decision?: string })
      .filter(({ kind }) => kind === "prefetch")
      .map(({ story, decision }) => `${story} ${decision ?? ""}`);
    // When the first story is committed the third may be finished already, or not.
    const third = report?.cut === 1 ? "ST-3 discarded" : "ST-3 stale";
    expect(decisions.toSorted()).toEqual(["ST-2 used", third, "ST-4 used"]);
    expect(await git("parallel", "status", "--porcelain")).toBe("");
  });

  it("are replayed from the recording one after the other, whatever number is asked for", async () => {
    const before = server.ledger.entries.length;
    for (const [folder, workers] of [
      ["replayed-1", "1"],
      ["replayed-4", "4"],
    ] as const) {
      const replayed = await place.autosd([
        ...["run", "--requirements-file", place.path("letters.md")],
        ...["--output-dir", place.path(folder), "--json", "--reproducible"],
        ...["--provider", "replay", "--replay-file", join(place.root, "session.json")],
        ...["--parallel-prompt-workers", workers],
      ]);
      expect(replayed.code, replayed.stderr).toBe(0);
      expect(await log(folder)).toBe(serial);
      expect(replayed.stderr.includes("nothing is fetched ahead")).toBe(workers === "4");
    }
    expect(server.ledger.entries).toHaveLength(before);
  });
});
