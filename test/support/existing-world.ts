import { writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "./cli.ts";
import { ExistingRepository } from "./existing-repository.ts";
import { startModelServer, type ModelServer } from "./model-server/server.ts";
import { changeDocument, changeModel, type ScriptedChange } from "./model-world/scripted-change.ts";

export const providerKey = "key-of-the-scripted-provider-0123456789";

/** Stands in AGENTS.md of the project below. */
export const guide = "Write comments in the manner of a ship's log.";

/** A small Node.js project with a test and rules for agents. */
export const nodeFiles = {
  "package.json": JSON.stringify({
    name: "shop",
    type: "module",
    scripts: { test: "node --test", start: "node src/cart.js" },
  }),
  "AGENTS.md": `# Rules\n\n${guide}\n`,
  "src/cart.js":
    "export const total = (prices) => prices.reduce((sum, price) => sum + price, 0);\n",
  "src/AGENTS.md": "Only pure functions here.\n",
  "test/cart.test.js": `import assert from "node:assert/strict";
import { it } from "node:test";
import { total } from "../src/cart.js";

it("adds up prices", () => {
  assert.equal(total([1, 2]), 3);
});
`,
};

/** A change of it; `source`: what the new function returns. */
export function discount(source: string): ScriptedChange {
  return {
    title: "A cart's total can be lowered by a percentage",
    then: "10 percent of 200 leaves 180",
    turns: [
      [
        [
          "write",
          {
            path: "src/discount.js",
            content: `export const lowered = (total, percent) => ${source};\n`,
          },
        ],
        [
          "write",
          {
            path: "test/discount.test.js",
            content: `import assert from "node:assert/strict";
import { it } from "node:test";
import { lowered } from "../src/discount.js";

it("AC-1.1 lowers a total", () => {
  assert.equal(lowered(200, 10), 180);
});
`,
          },
        ],
      ],
      [["run", { command: "npm test" }]],
      [["done", { summary: "lowers", acceptanceTests: ["test/discount.test.js"] }]],
    ],
  };
}

/** A world with a person's repository and a provider that follows a script. */
export class ExistingWorld {
  readonly place: Place;
  readonly server: ModelServer;
  readonly repository: ExistingRepository;
  /** What the model was shown, one text a request. */
  readonly shown: readonly string[];

  readonly #script: { model: ReturnType<typeof changeModel> };
  readonly #env: Readonly<Record<string, string>>;

  private constructor(made: {
    readonly place: Place;
    readonly server: ModelServer;
    readonly repository: ExistingRepository;
    readonly shown: readonly string[];
    readonly script: { model: ReturnType<typeof changeModel> };
    readonly env: Readonly<Record<string, string>>;
  }) {
    this.place = made.place;
    this.server = made.server;
    this.repository = made.repository;
    this.shown = made.shown;
    this.#script = made.script;
    this.#env = { OPENAI_API_KEY: providerKey, ...made.env };
  }

  static async create(
    change: ScriptedChange,
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ExistingWorld> {
    const place = await Place.create();
    const shown: string[] = [];
    const script = { model: changeModel(change) };
    const server = await startModelServer(
      (call) => {
        shown.push(call.turns.map(({ text }) => text).join("\n"));
        return script.model(call);
      },
      { key: providerKey },
    );
    await writeFile(place.path("change.md"), changeDocument(change));
    const repository = await ExistingRepository.create(place.path("shop"), files);
    return new ExistingWorld({ place, server, repository, shown, script, env });
  }

  /** From now on the model is asked for another change. */
  async next(change: ScriptedChange): Promise<void> {
    this.#script.model = changeModel(change);
    await writeFile(this.place.path("change.md"), changeDocument(change));
  }

  /** Kills a run, all of a sudden, when the model has been asked so often. */
  killAfter(asked: number, words = this.#words([], "openai")): Promise<void> {
    return this.#killWhen(() => this.shown.length >= asked, words);
  }

  /** Kills a run as soon as something is true; fails when the run ends before. */
  async #killWhen(isTime: () => boolean, words: readonly string[]): Promise<void> {
    const child = this.place.start(words, { env: this.#env });
    let isOver = false;
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => {
        isOver = true;
        resolve();
      });
    });
    child.stdout?.resume();
    child.stderr?.resume();
    await expect.poll(() => isOver || isTime(), { timeout: 240_000, interval: 5 }).toBe(true);
    const wasOver = isOver;
    child.kill("SIGKILL");
    await ended;
    expect(wasOver, "the run had ended before it was to be killed").toBe(false);
  }

  run(more: readonly string[] = [], provider = "openai"): Promise<CliResult> {
    return this.place.autosd(this.#words(more, provider), { env: this.#env });
  }

  /** Any other command, with the provider's key. */
  autosd(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    return this.place.autosd(words, { env: { ...this.#env, ...env } });
  }

  #words(more: readonly string[], provider: string): readonly string[] {
    return [
      ...["run", "--project-dir", this.repository.root],
      ...["--requirements-file", this.place.path("change.md"), "--json"],
      ...["--provider", provider, "--model", "scripted"],
      ...["--base-url", `${this.server.url}/v1`, ...more],
    ];
  }

  async dispose(): Promise<void> {
    await this.server.close();
    await this.place.dispose();
  }
}

/** What a run with --json printed. */
export function resultOf(ran: CliResult): RunResult {
  expect(ran.stdout, ran.stderr).not.toBe("");
  return JSON.parse(ran.stdout) as RunResult;
}
