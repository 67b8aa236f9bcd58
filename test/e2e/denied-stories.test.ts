import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { type ModelCall, refuse, type Reply, say } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { toldCommand } from "../support/model-world/place.ts";
import { lettersProduct } from "../support/model-world/scripted-letters.ts";

const product = lettersProduct(3);
const knowing = product.script(async () => undefined);
const planCalls = 3;

/** The story that a request is about; undefined: a plan. */
function storyIn({ turns }: ModelCall): string | undefined {
  const first = turns.find(({ role }) => role === "user")?.text ?? "";
  return /^# Story\n(ST-\d+):/.exec(first)?.[1];
}

/** The second story asks to push, is told that it may not, and then has only words left. */
function pushing(call: ModelCall): Reply | Promise<Reply> {
  if (storyIn(call) !== "ST-2") return knowing(call);
  const isFirst = call.turns.every(({ role }) => role !== "assistant");
  const push = { name: "run", arguments: { command: "git push origin main" } };
  return say("Everything is pushed.", { toolCalls: isFirst ? [push] : [] });
}

describe("stories that several workers ask for at once", () => {
  let place: Place;
  let server: ModelServer;
  let script: (call: ModelCall) => Reply | Promise<Reply> = pushing;

  const run = (folder: string, more: readonly string[]): Promise<CliResult> =>
    place.autosd([
      ...["run", "--requirements-file", place.path("letters.md")],
      ...["--output-dir", place.path(folder), "--json", "--reproducible", ...more],
    ]);
  const withModel = (folder: string, more: readonly string[]): Promise<CliResult> =>
    run(folder, [
      ...["--provider", "openai-compatible", "--model", "scripted"],
      ...["--base-url", `${server.url}/v1`, ...more],
    ]);
  const log = async (folder: string): Promise<readonly string[]> => {
    const ran = await place.run("git", ["-C", place.path(folder), "log", "--format=%T %s"]);
    return ran.stdout.trim().split("\n");
  };

  beforeAll(async () => {
    place = await Place.create();
    await writeFile(place.path("letters.md"), product.document);
    server = await startModelServer((call) => script(call));
  });
  afterAll(async () => {
    await server.close();
    await place.dispose();
  });

  it("end with exit 3 and the same tree when one of them is denied, together and in replay", async () => {
    const session = place.path("session.json");
    const parallel = await withModel("parallel", [
      ...["--parallel-prompt-workers", "3", "--record", session],
    ]);
    const asked = server.ledger.entries.length;
    const replayed = await run("replayed", ["--provider", "replay", "--replay-file", session]);
    expect(server.ledger.entries).toHaveLength(asked);

    const commits = await log("parallel");
    expect(commits).toHaveLength(2);
    // A replay asks for one after the other.
    expect(await log("replayed")).toEqual(commits);
    for (const ran of [parallel, replayed]) {
      expect(ran.code, ran.stdout + ran.stderr).toBe(3);
      const { exitCode, stories } = JSON.parse(ran.stdout) as RunResult;
      expect(exitCode).toBe(3);
      expect(stories.map(({ status }) => status)).toEqual(["done", "failed", "done"]);
      expect(stories[1]).toMatchObject({
        denial: { code: "AUTOSD-ACTION-DENIED", action: "git push" },
      });
      expect(stories[1]?.denial).toEqual(storiesOf(parallel)[1]?.denial);
      expect(stories[1]?.reason).toBe(storiesOf(parallel)[1]?.reason);
    }
    // What was denied ahead of its turn is taken over: it is not asked for once more.
    const { parallelPrompts } = JSON.parse(parallel.stdout) as RunResult;
    expect(parallelPrompts).toMatchObject({ prefetched: 2, used: 2, discarded: 0, stale: [] });
  });

  it("stop at one limit that resets too late, and go on when more patience is told", async () => {
    let isLimited = true;
    // Whoever asks is refused: an answer that is under way when a run stops would be paid twice.
    script = (call) =>
      isLimited && storyIn(call) !== undefined
        ? refuse(429, { "retry-after": "3" })
        : knowing(call);
    const before = server.ledger.paid.length;
    const limited = await withModel("limited", [
      ...["--parallel-prompt-workers", "3", "--wait-for-reset", "1s"],
    ]);
    expect(limited.code, limited.stderr).toBe(7);
    isLimited = false;
    // One limit for all of them: nobody asks again before it resets.
    expect(server.ledger.refused.length).toBeLessThanOrEqual(3);
    const command = toldCommand(limited.stdout, /autosd runs resume \S+ --wait-for-reset [^\s"]+/);
    const resumed = await place.autosd([...command, "--json"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(storiesOf(resumed).map(({ status }) => status)).toEqual(["done", "done", "done"]);
    expect(await log("limited")).toHaveLength(3);
    expect((JSON.parse(resumed.stdout) as RunResult).parallelPrompts).toMatchObject({ workers: 3 });
    const paid = server.ledger.paid.slice(before);
    expect(paid).toHaveLength(planCalls + product.storyCalls);
    expect(new Set(paid.map(({ request }) => request)).size).toBe(paid.length);
  });
});

function storiesOf(ran: CliResult): RunResult["stories"] {
  return (JSON.parse(ran.stdout) as RunResult).stories;
}
