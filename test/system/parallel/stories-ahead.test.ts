import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Implementer } from "../../../src/delivery/agent/implementer.port.ts";
import { setAside } from "../../../src/delivery/agent/loop/ask-model.ts";
import { type Purse, RunBudget } from "../../../src/delivery/agent/model/budget.ts";
import { type Act, type Build, type BuildEnd, openYard, proposes, type Yard } from "./yard.ts";

/** Waits until so many attempts are under way, or all that will be. */
class Meeting {
  most = 0;
  #inside = 0;
  readonly #size: number;
  #open: () => void = () => undefined;
  #gate: Promise<void> = Promise.resolve();

  constructor(size: number) {
    this.#size = size;
    this.#close();
  }

  #close(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  async attend(signal: AbortSignal): Promise<void> {
    this.#inside += 1;
    this.most = Math.max(this.most, this.#inside);
    if (this.#inside >= this.#size) this.#open();
    await Promise.race([this.#gate, aborted(signal)]);
    this.#inside -= 1;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new Error("stopped"));
    if (signal.aborted) fail();
    signal.addEventListener("abort", fail, { once: true });
  });
}

let root: string;
let yard: Yard;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-ahead-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function fresh(): Promise<Yard> {
  yard = await openYard(await mkdtemp(join(root, "yard-")));
  return yard;
}

/** Of attempts that have not ended; the others wait for their next use under names of their own. */
async function folders(): Promise<readonly string[]> {
  const own = (await readdir(yard.scratch)).filter((name) => !name.endsWith(".lock"));
  const inside = await Promise.all(own.map((name) => readdir(join(yard.scratch, name))));
  return inside.flat().filter((name) => !name.startsWith("."));
}

const nothingSpent = { tokens: 0, microusd: 0 };
const call = { inputTokens: 10, outputTokens: 10 };

const eight = Array.from({ length: 8 }, (_, index) => ({ id: `ST-${index + 1}`, needs: [] }));

/** Each story writes a file of its own. */
const apart: Act = async ({ workspace, story }) => {
  await workspace.write(`src/${story.id}.txt`, `made for ${story.id}\n`);
};

async function built(options: Build): Promise<BuildEnd> {
  return (await fresh()).build(options);
}

describe("stories fetched ahead", () => {
  it.each([2, 4])(
    "are under way %i at a time, and the tree is that of one at a time",
    async (n) => {
      const meeting = new Meeting(n);
      const serial = await built({ stories: eight, act: apart, workers: 1 });
      const parallel = await built({
        stories: eight,
        workers: n,
        act: async (task, signal) => {
          await meeting.attend(signal);
          await apart(task, signal);
        },
      });
      expect(meeting.most).toBe(n);
      expect(parallel.tree).toBe(serial.tree);
      expect(parallel.order).toEqual(serial.order);
      expect(parallel.asked).toHaveLength(8);
      expect(parallel.facts.filter((one) => one?.decision === "used")).toHaveLength(7);
      expect(serial.facts.every((one) => one === undefined)).toBe(true);
      expect(await folders()).toEqual([]);
    },
  );

  it("never begin before what they need is done", async () => {
    const stories = [
      { id: "ST-1", needs: [] },
      { id: "ST-2", needs: ["ST-1"] },
      { id: "ST-3", needs: ["ST-2"] },
      { id: "ST-4", needs: [] },
    ];
    const act: Act = async ({ workspace, story }) => {
      const before = await workspace.read("last.txt");
      if (story.id !== "ST-4") await workspace.write("last.txt", `${text(before)}${story.id}\n`);
      await workspace.write(`${story.id}.txt`, "x");
    };
    const serial = await built({ stories, act, workers: 1 });
    const parallel = await built({ stories, act, workers: 4 });
    expect(parallel.tree).toBe(serial.tree);
    expect(await yard.read(parallel.tree, "last.txt")).toBe("ST-1\nST-2\nST-3\n");
  });

  it("are thrown away and made again when a file that they had read has changed, which is on record", async () => {
    const act: Act = async ({ workspace, story }) => {
      const before = text(await workspace.read("list.txt"));
      await workspace.write("list.txt", `${before}${story.id}\n`);
    };
    const serial = await built({ stories: eight.slice(0, 4), act, workers: 1 });
    const parallel = await built({ stories: eight.slice(0, 4), act, workers: 4 });
    expect(parallel.tree).toBe(serial.tree);
    expect(await yard.read(parallel.tree, "list.txt")).toBe("ST-1\nST-2\nST-3\nST-4\n");
    expect(parallel.asked).toHaveLength(7);
    const records = await yard.records("ST-3");
    expect(records.map(({ kind }) => kind)).toEqual(["prefetch-start", "prefetch"]);
    expect(records[1]).toMatchObject({
      decision: "stale",
      because: "read-set: list.txt was added, which it had read",
    });
    expect(parallel.facts[2]).toMatchObject({ decision: "stale", savedMs: 0 });
  });

  it("are thrown away when both wrote a file that neither had read", async () => {
    const act: Act = async ({ workspace, story }) => {
      await workspace.write("same.txt", story.id);
    };
    const parallel = await built({ stories: eight.slice(0, 2), act, workers: 2 });
    expect(parallel.facts[1]?.because).toBe("read-set: same.txt was added, which it had written");
    expect(await yard.read(parallel.tree, "same.txt")).toBe("ST-2");
  });

  it("are thrown away when commands of both changed a file in ways that do not go together", async () => {
    const act: Act = async ({ workspace, story }) => {
      workspace.witness?.saw({ kind: "command", inputs: [] });
      await writeFile(join(workspace.root, "same.txt"), story.id);
    };
    const parallel = await built({ stories: eight.slice(0, 2), act, workers: 2 });
    expect(parallel.facts[1]).toMatchObject({ because: "merge: both changed same.txt" });
    expect(await yard.read(parallel.tree, "same.txt")).toBe("ST-2");
  });

  it("are taken over stale when that is allowed, unless they cannot be merged", async () => {
    const act: Act = async ({ workspace, story }) => {
      await workspace.list();
      await workspace.write(story.id === "ST-3" ? "ST-1.txt" : `${story.id}.txt`, story.id);
    };
    const stories = eight.slice(0, 3);
    const parallel = await built({ stories, act, workers: 3, allowStale: true });
    expect(parallel.facts.map((one) => one?.decision)).toEqual([
      undefined,
      "stale-accepted",
      "stale",
    ]);
    expect(parallel.facts[1]?.because).toBe("read-set: ST-1.txt was added, in what it had listed");
  });

  it("are stale by the strict rule when anything has changed", async () => {
    const stories = eight.slice(0, 2);
    const lax = await built({ stories, act: apart, workers: 2 });
    const strict = await built({ stories, act: apart, workers: 2, rule: "workspace" });
    expect(lax.facts[1]?.decision).toBe("used");
    expect(strict.facts[1]).toMatchObject({
      decision: "stale",
      because: "workspace: src/ST-1.txt was added; any change counts",
    });
    expect(strict.tree).toBe(lax.tree);
  });

  it("end the run with their error only at their turn, and begin no other meanwhile", async () => {
    let isBroken = true;
    const order: string[] = [];
    const act: Act = async (task, signal) => {
      order.push(task.story.id);
      if (task.story.id === "ST-2" && isBroken) throw new Error("the budget is spent");
      await apart(task, signal);
    };
    const failed = built({ stories: eight, act, workers: 2 });
    await expect(failed).rejects.toThrow("the budget is spent");
    expect(yard.committed).toEqual(["ST-1"]);
    expect(order.filter((id) => id === "ST-2")).toHaveLength(2);
    isBroken = false;
    const resumed = await yard.build({ stories: eight, act, workers: 2 });
    expect(resumed.order).toEqual(eight.map(({ id }) => id));
  });

  it("are stopped with the run, leave no folder and are gone on with on the tree they began on", async () => {
    const stop = new AbortController();
    const bases: string[] = [];
    const act: Act = async (task, signal) => {
      if (task.story.id === "ST-2") {
        bases.push(task.workspace.baseTree);
        if (!stop.signal.aborted) await aborted(signal);
      }
      if (task.story.id === "ST-3" && !stop.signal.aborted) stop.abort();
      await apart(task, signal);
    };
    const stories = eight.slice(0, 4);
    await expect(built({ stories, act, workers: 2, signal: stop.signal })).rejects.toThrow();
    expect(await folders()).toEqual([]);
    const done = yard.committed.length;
    const resumed = await yard.build({ stories, act, workers: 1 });
    expect(bases).toHaveLength(2);
    expect(bases[1]).toBe(bases[0]);
    expect(resumed.order.slice(0, done)).toEqual(yard.committed.slice(0, done));
    expect(resumed.facts[1]?.decision).toBe("used");
  });

  it("are cut before their next question when a commit makes them stale on their way", async () => {
    const stages: string[] = [];
    let hasRead = (): void => undefined;
    const read = new Promise<void>((resolve) => (hasRead = resolve));
    const three = eight.slice(0, 3);
    const parallel = await built({
      ...{ stories: three, act: apart, workers: 2 },
      implement: async function* (task, signal) {
        const { story, workspace, run } = task;
        if (story.id === "ST-2" && run?.isAhead === true) {
          await workspace.read("src/ST-1.txt");
          hasRead();
          // Questions without end, as far as the first story's commit is concerned.
          for (let question = 1; question <= 6_000; question += 1) {
            yield { kind: "progress", message: "asks" };
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          stages.push("ST-2 was never cut");
        }
        if (story.id === "ST-1") await read;
        if (story.id === "ST-2" && run?.isAhead !== true) stages.push("ST-2 at its turn");
        yield* proposes(apart)(task, signal);
      },
    });
    expect(stages).toEqual(["ST-2 at its turn"]);
    const because = "read-set: src/ST-1.txt was added, which it had read";
    expect(parallel.facts[1]).toEqual({ decision: "discarded", because, savedMs: 0 });
    const records = await yard.records("ST-2");
    expect(records.map(({ kind }) => kind)).toEqual(["prefetch-start", "prefetch"]);
    expect(records[1]).toMatchObject({ decision: "discarded", because });
    expect(parallel.order).toEqual(three.map(({ id }) => id));
  });

  it("take nothing of a budget's end from the story whose turn it is", async () => {
    // Three questions a story, of 10 tokens each, of which 20 are set aside.
    const budget = new RunBudget({ maxTokens: 130, maxCostMicrousd: undefined }, nothingSpent);
    let underWay = 0;
    let areDone = (): void => undefined;
    const othersAreDone = new Promise<void>((resolve) => (areDone = resolve));
    const ask = async (purse: Purse, signal: AbortSignal): Promise<void> => {
      const reservation = await setAside({ budget: purse, price: undefined, signal }, call);
      reservation.settle({ inputTokens: 5, outputTokens: 5, cachedInputTokens: undefined });
    };
    const parallel = built({
      ...{ stories: eight, act: apart, workers: 4 },
      implement: async function* (task, signal) {
        if (task.run?.isAhead === true) {
          underWay += 1;
          try {
            // They take what they get: more than there is.
            for (let question = 1; question <= 100; question += 1)
              await ask(budget.ahead(), signal);
          } finally {
            underWay -= 1;
            if (underWay === 0) areDone();
          }
        }
        for (let question = 1; question <= 3; question += 1) {
          if (task.story.id === "ST-1" && question === 2) await othersAreDone;
          await ask(budget, signal);
          yield { kind: "progress", message: "asks" };
        }
        yield* proposes(apart)(task, signal);
      },
    });
    await expect(parallel).rejects.toMatchObject({ code: "AUTOSD-BUDGET-SPENT" });
    expect(yard.committed).toEqual(["ST-1"]);
    expect(budget.committed.tokens).toBeGreaterThan(100);
  });

  it("leave an implementer alone that answers at once", async () => {
    const { signal } = new AbortController();
    const blueprint: Implementer = { kind: "blueprint", implement: proposes(apart) };
    expect((await fresh()).ahead(4, signal).over(blueprint)).toBe(blueprint);
  });
});

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}
