import type { ChildProcess } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { ExistingRepository } from "../support/existing-repository.ts";
import type { ModelCall, Reply } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { endOf } from "../support/model-world/place.ts";
import { lettersProduct } from "../support/model-world/scripted-letters.ts";

/** The fourth story reads what the first one brings, and does without when it is not there. */
const product = lettersProduct(4, { readers: ["ST-4"] });
const knowing = product.script(async () => undefined);
const planCalls = 3;

interface Asked {
  readonly story: string | undefined;
  /** How many answers the attempt has had. */
  readonly turn: number;
}

/** Undefined: it is answered. */
type Mishap = (asked: Asked, call: ModelCall) => Promise<Reply | undefined>;

const none: Mishap = async () => undefined;

function askedBy({ turns }: ModelCall): Asked {
  const first = turns.find(({ role }) => role === "user")?.text ?? "";
  const turn = turns.filter(({ role }) => role === "assistant").length;
  return { story: /^# Story\n(ST-\d+):/.exec(first)?.[1], turn };
}

/** What the fourth story makes of it when the first one's file was not there: its test is red. */
function withoutFirst(reply: Reply): Reply {
  if (reply.kind !== "answer") return reply;
  const toolCalls = reply.toolCalls.map(({ name, arguments: given }) => {
    const wrong = JSON.stringify(given).replace(String.raw`=> \"d\"`, String.raw`=> \"?\"`);
    return { name, arguments: JSON.parse(wrong) as unknown };
  });
  return { ...reply, toolCalls };
}

describe("stories that are asked for at once, when something goes wrong", () => {
  let place: Place;
  let server: ModelServer;
  let mishap = none;
  let serial: string;
  /** First messages of the fourth story's attempts, one a request. */
  let prompts: string[] = [];
  let serialPrompt: string | undefined;

  const answer = async (call: ModelCall): Promise<Reply> => {
    const asked = askedBy(call);
    const reply = (await mishap(asked, call)) ?? (await knowing(call));
    if (asked.story !== "ST-4") return reply;
    if (asked.turn === 0) prompts.push(call.turns[0]?.text ?? "");
    const isBlind = call.turns.some(
      ({ role, text }) => role === "tool" && text.includes("no text file"),
    );
    return asked.turn === 1 && isBlind ? withoutFirst(reply) : reply;
  };
  const words = (folder: string, more: readonly string[]): readonly string[] => [
    ...["run", "--requirements-file", place.path("letters.md")],
    ...["--output-dir", place.path(folder), "--json", "--reproducible"],
    ...["--provider", "openai-compatible", "--model", "scripted"],
    ...["--base-url", `${server.url}/v1`, ...more],
  ];
  const log = async (folder: string): Promise<string> =>
    (await place.run("git", ["-C", place.path(folder), "log", "--format=%T %s"])).stdout.trim();
  const journal = async (folder: string): Promise<readonly Journaled[]> => {
    const text = await readFile(place.path(folder, ".autosd/prompt_journal.jsonl"), "utf8");
    const lines = text.split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Journaled);
  };

  beforeAll(async () => {
    place = await Place.create();
    await writeFile(place.path("letters.md"), product.document);
    server = await startModelServer(answer);
    const one = await place.autosd(words("serial", []));
    expect(one.code, one.stderr).toBe(0);
    serial = await log("serial");
    [serialPrompt] = prompts;
  });
  afterAll(async () => {
    await server.close();
    await place.dispose();
  });

  it("try a stale one that was accepted and is red once more, with a fresh prompt", async () => {
    prompts = [];
    const before = server.ledger.paid.length;
    // The first story is not done before the fourth one has said that it is.
    let isSaid = (): void => undefined;
    const said = new Promise<void>((resolve) => (isSaid = resolve));
    mishap = async ({ story, turn }) => {
      if (story === "ST-4" && turn === 2) isSaid();
      if (story === "ST-1" && turn === 1) await said;
      return undefined;
    };
    const ran = await place.autosd(
      words("stale", [
        ...["--parallel-prompt-workers", "4", "--allow-stale-parallel-prompts"],
        // The stale one is none of them.
        ...["--max-task-attempts", "1"],
      ]),
    );
    mishap = none;
    expect(ran.code, ran.stderr).toBe(0);
    expect(await log("stale")).toBe(serial);
    expect(server.ledger.paid.length - before).toBe(planCalls + product.storyCalls + 3);
    expect(prompts).toHaveLength(2);
    expect(prompts[1]).toBe(serialPrompt);
    const { parallelPrompts } = JSON.parse(ran.stdout) as RunResult;
    expect(parallelPrompts).toMatchObject({
      ...{ workers: 4, prefetched: 3, used: 3, discarded: 0, cut: 0 },
      stale: [
        {
          story: "ST-4",
          because: "read-set: src/a.js was added, which it had read",
          accepted: true,
        },
      ],
    });
    const fourth = (await journal("stale")).filter(({ story }) => story === "ST-4");
    const first = fourth.filter(({ attempt }) => attempt === 1).map(({ kind }) => kind);
    expect([first.at(0), first.at(-1)]).toEqual(["prefetch-start", "prefetch"]);
    expect(fourth.find(({ kind }) => kind === "prefetch")).toMatchObject({
      attempt: 1,
      decision: "stale-accepted",
    });
    const second = fourth.filter(({ attempt }) => attempt === 2).map(({ kind }) => kind);
    expect(second.filter((kind) => kind === "answer")).toHaveLength(3);
    expect(second).not.toContain("prefetch-start");
    expect(fourth.every(({ attempt }) => attempt <= 2)).toBe(true);
  });

  it("are gone on with after Ctrl-C, SIGTERM and SIGKILL, with any number of workers, and nothing is paid twice", async () => {
    const before = server.ledger.entries.length;
    const since = () => server.ledger.entries.slice(before);
    let hung: string[] = [];
    const stop = async (
      args: readonly string[],
      signals: readonly NodeJS.Signals[],
      when: () => Promise<boolean>,
    ): Promise<CliResult> => {
      hung = [];
      const child: ChildProcess = place.start(args);
      const end = endOf(child);
      try {
        await expect.poll(when, { timeout: 120_000, interval: 20 }).toBe(true);
      } finally {
        for (const signal of signals) child.kill(signal);
      }
      return end;
    };
    const hangs =
      (where: (asked: Asked) => boolean): Mishap =>
      async (asked) => {
        if (!where(asked)) return undefined;
        hung.push(asked.story ?? "");
        return { kind: "hang" };
      };
    const commits = async (): Promise<number> =>
      (await log("killed").catch(() => "")).split("\n").filter(Boolean).length;
    const ends = async (story: string): Promise<boolean> =>
      (await journal("killed")).some((one) => one.story === story && one.kind === "end");

    mishap = hangs(({ story, turn }) => story !== undefined && turn === 1);
    const interrupted = await stop(
      words("killed", ["--parallel-prompt-workers", "3"]),
      ["SIGINT"],
      async () => hung.length === 3,
    );
    expect(interrupted.code, interrupted.stderr).toBe(130);
    const run = /autosd runs resume (run_\w+)/.exec(interrupted.stdout + interrupted.stderr)?.[1];
    if (run === undefined) throw new Error(`no way on is told: ${interrupted.stderr}`);
    const resume = (...more: readonly string[]) => ["runs", "resume", run, "--json", ...more];

    // Two workers, of whom one has the first story; the others of before are waited for.
    mishap = hangs(({ story, turn }) => story !== undefined && story !== "ST-1" && turn === 1);
    const terminated = await stop(
      resume("--parallel-prompt-workers", "2"),
      ["SIGTERM"],
      async () => hung.includes("ST-2") && (await commits()) === 1,
    );
    expect(terminated.code, terminated.stderr).toBe(130);

    // Without a flag: two, as before. The fourth story is begun while the second is taken over.
    mishap = hangs(({ story }) => story === "ST-4");
    const killed = await stop(
      resume(),
      ["SIGKILL"],
      async () => hung.includes("ST-4") && (await ends("ST-2")) && (await ends("ST-3")),
    );
    expect(killed.signal).toBe("SIGKILL");

    // Its last question hangs; who presses Ctrl-C twice waits for nothing.
    mishap = hangs(({ story, turn }) => story === "ST-4" && turn === 2);
    const twice = await stop(
      resume("--parallel-prompt-workers", "3"),
      ["SIGINT", "SIGINT"],
      async () => hung.length === 1,
    );
    expect(twice).toMatchObject({ code: 130, signal: null });

    mishap = none;
    const resumed = await place.autosd(resume("--parallel-prompt-workers", "4"));
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await log("killed")).toBe(serial);
    const paid = since().filter(({ outcome }) => outcome === "answered");
    expect(paid).toHaveLength(planCalls + product.storyCalls);
    expect(new Set(paid.map(({ request }) => request)).size).toBe(paid.length);
    const { parallelPrompts } = JSON.parse(resumed.stdout) as RunResult;
    expect(parallelPrompts).toMatchObject({ workers: 4, discarded: 0, stale: [] });
    const decided = (await journal("killed")).filter(({ kind }) => kind === "prefetch");
    expect(decided.map(({ story, decision }) => `${story} ${decision ?? ""}`)).toEqual(
      expect.arrayContaining(["ST-2 used", "ST-3 used"]),
    );
  });

  it("make the same branch beside a person's checkout, whose files stay as they are", async () => {
    const files = {
      "package.json": JSON.stringify({
        ...{ name: "mine", type: "module" },
        scripts: { test: "node --test", start: "node src/z.js" },
      }),
      "src/z.js": 'export const z = () => "z";\n',
      "test/z.test.js": `import assert from "node:assert/strict";
import { it } from "node:test";
import { z } from "../src/z.js";

it("says z", () => {
  assert.equal(z(), "z");
});
`,
    };
    mishap = async ({ story }, call) => {
      if (story !== "ST-1") return undefined;
      const reply = await knowing(call);
      if (reply.kind !== "answer") return reply;
      // What the project is made of is there already.
      const toolCalls = reply.toolCalls.filter(({ arguments: given }) => !isSkeleton(given));
      return { ...reply, toolCalls };
    };
    const trees: string[] = [];
    for (const [folder, workers] of [
      ["mine-1", 1],
      ["mine-3", 3],
    ] as const) {
      const repository = await ExistingRepository.create(place.path(folder), files);
      await repository.write({
        "src/z.js": "export const z = () => 'half';\n",
        "notes.txt": "n\n",
      });
      await repository.write({ "src/staged.js": "// staged\n" });
      repository.git("add", "src/staged.js");
      const before = await repository.digests();
      const ran = await place.autosd([
        ...["run", "--project-dir", repository.root, "--branch", "letters"],
        ...["--requirements-file", place.path("letters.md"), "--json", "--reproducible"],
        ...["--provider", "openai-compatible", "--model", "scripted"],
        ...["--base-url", `${server.url}/v1`, "--parallel-prompt-workers", String(workers)],
      ]);
      expect(ran.code, ran.stderr).toBe(0);
      const after = new Map(await repository.digests());
      // The branch is new, and nothing else is.
      for (const path of after.keys())
        if (/^\.git\/(?:logs\/)?refs\/heads\/letters$/.test(path)) after.delete(path);
      expect(after).toEqual(before);
      trees.push(repository.git("log", "--format=%T %s", "main..letters"));
      const { parallelPrompts } = JSON.parse(ran.stdout) as RunResult;
      if (workers > 1) expect(parallelPrompts?.prefetched).toBe(3);
    }
    mishap = none;
    expect(trees[0]?.split("\n")).toHaveLength(4);
    expect(trees[1]).toBe(trees[0]);
  });
});

/** What the first story makes besides its letter. */
function isSkeleton(given: unknown): boolean {
  return /^\{"path":"(?:package\.json|README\.md)"/.test(JSON.stringify(given));
}

interface Journaled {
  readonly kind: string;
  readonly story: string;
  readonly attempt: number;
  readonly decision?: string;
}
