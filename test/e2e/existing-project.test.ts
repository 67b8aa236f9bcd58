import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { ExistingRepository } from "../support/existing-repository.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import {
  changeDocument,
  changeModel,
  type ScriptedChange,
} from "../support/model-world/scripted-change.ts";

const key = "key-of-the-scripted-provider-0123456789";
const guide = "Write comments in the manner of a ship's log.";

const nodeFiles = {
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

function discount(source: string): ScriptedChange {
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
class World {
  readonly place: Place;
  readonly server: ModelServer;
  readonly repository: ExistingRepository;
  /** What the model was shown, one text a request. */
  readonly shown: readonly string[];

  readonly #script: { model: ReturnType<typeof changeModel> };

  private constructor(made: {
    readonly place: Place;
    readonly server: ModelServer;
    readonly repository: ExistingRepository;
    readonly shown: readonly string[];
    readonly script: { model: ReturnType<typeof changeModel> };
  }) {
    this.place = made.place;
    this.server = made.server;
    this.repository = made.repository;
    this.shown = made.shown;
    this.#script = made.script;
  }

  static async create(
    change: ScriptedChange,
    files: Readonly<Record<string, string>>,
  ): Promise<World> {
    const place = await Place.create();
    const shown: string[] = [];
    const script = { model: changeModel(change) };
    const server = await startModelServer(
      (call) => {
        shown.push(call.turns.map(({ text }) => text).join("\n"));
        return script.model(call);
      },
      { key },
    );
    await writeFile(place.path("change.md"), changeDocument(change));
    const repository = await ExistingRepository.create(place.path("shop"), files);
    return new World({ place, server, repository, shown, script });
  }

  /** From now on the model is asked for another change. */
  async next(change: ScriptedChange): Promise<void> {
    this.#script.model = changeModel(change);
    await writeFile(this.place.path("change.md"), changeDocument(change));
  }

  /** Kills a run, all of a sudden, when the model has been asked so often. */
  async killAfter(asked: number): Promise<void> {
    const child = this.place.start(this.#words([], "openai"), { env: { OPENAI_API_KEY: key } });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await expect.poll(() => this.shown.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(asked);
    child.kill("SIGKILL");
    await ended;
  }

  run(more: readonly string[] = [], provider = "openai"): Promise<CliResult> {
    return this.place.autosd(this.#words(more, provider), { env: { OPENAI_API_KEY: key } });
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

function resultOf(ran: CliResult): RunResult {
  expect(ran.stdout, ran.stderr).not.toBe("");
  return JSON.parse(ran.stdout) as RunResult;
}

describe("a Node.js project that is there already", () => {
  let world: World;
  let before: ReadonlyMap<string, string>;
  let statusBefore = "";
  let ran: CliResult;
  let result: RunResult;
  const plain = ["-c", "core.fsmonitor=false"];
  const branch = "autosd/change";

  beforeAll(async () => {
    world = await World.create(discount("total - (total * percent) / 100"), nodeFiles);
    const { repository } = world;
    await repository.write({ "src/cart.js": "export const total = () => 'half-finished';\n" });
    await repository.write({ "notes.txt": "mine\n", "src/staged.js": "// staged\n" });
    repository.git("add", "src/staged.js");
    statusBefore = repository.git("status", "--porcelain");
    await repository.plantPrograms(world.place.path("traces"));
    before = await repository.digests();
    ran = await world.run();
    result = resultOf(ran);
  });
  afterAll(() => world.dispose());

  it("is changed on a branch, verified, in one commit with its trailers", () => {
    expect(ran.code, ran.stderr).toBe(0);
    expect(result).toMatchObject({ outcome: "verified", platform: "existing_node" });
    const { repository } = world;
    const format = "--format=%an|%(trailers:key=Story,valueonly,separator=)|%P";
    expect(repository.git("log", "-1", format, branch)).toBe(
      `autosd|ST-1|${repository.git("rev-parse", "main")}`,
    );
    const changed = repository.git("diff", "--no-textconv", "--name-only", `main...${branch}`);
    expect(changed.split("\n")).toEqual(["src/discount.js", "test/discount.test.js"]);
  });

  it("leaves what is checked out, the index and every local change byte for byte", async () => {
    expect(await world.repository.digests()).toEqual(before);
    expect(world.repository.git(...plain, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
  });

  it("runs nothing that the repository configures", async () => {
    expect(await readdir(world.place.path("traces"))).toEqual([]);
  });

  it("shows git the same status as before", () => {
    for (const setting of ["core.fsmonitor", "filter.planted.clean", "filter.planted.smudge"])
      world.repository.git("config", "--unset", setting);
    expect(world.repository.git("status", "--porcelain")).toBe(statusBefore);
  });

  it("says what is not in the run, what is not checked, and how to take the branch", () => {
    expect(ran.stderr).toContain("has local changes");
    expect(ran.stderr).toContain("notes.txt");
    expect(ran.stderr).toContain("no format, lint, types of its own");
    expect(result.branch).toMatchObject({ name: branch, comparedWith: "main" });
    expect(result.branch?.commands?.look).toContain(`diff main...${branch}`);
    expect(result.branch?.commands?.take).toContain(`merge ${branch}`);
    expect(result.howToStart).toEqual([]);
  });

  it("tells the model what is there and how its people write", () => {
    expect(world.shown).toHaveLength(5);
    const [refined = "", , implemented = ""] = world.shown;
    for (const text of [refined, implemented]) {
      expect(text).toContain(guide);
      expect(text).toContain("src/cart.js");
      expect(text).not.toContain("notes.txt");
    }
    expect(implemented).toContain("src/AGENTS.md");
    for (const { bytes } of world.server.ledger.entries.slice(0, 3))
      expect(bytes).toBeLessThan(8 * 1024);
  });

  it("asks nobody again when nothing more is asked for", async () => {
    const asked = world.server.ledger.entries.length;
    const head = world.repository.git("rev-parse", branch);
    const again = await world.run();
    expect(again.code, again.stderr).toBe(0);
    expect(world.server.ledger.entries).toHaveLength(asked);
    expect(world.repository.git("rev-parse", branch)).toBe(head);
  });

  it("is a project of the portfolio, and not one of --output-dir", async () => {
    const shown = await world.place.autosd(["projects", "show", "shop", "--json"]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ project: { health: "verified" } });
    const other = await world.place.autosd([
      ...["run", "--requirements-text", "Notes.", "--output-dir", world.repository.root],
    ]);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--project-dir") as string,
    });
    expect(await readFile(join(world.repository.root, ".autosd", "requirements.md"), "utf8")).toBe(
      changeDocument(discount("")),
    );
  });
});

describe("a Python project that is there already", () => {
  it("is changed on a branch that is continued, by people and by the next requirements", async () => {
    const change = (name: string, story: number): ScriptedChange => ({
      title: `Text can be put into ${name} letters`,
      then: "the letters are changed",
      turns: [
        [
          [
            "write",
            {
              path: `words/${name}.py`,
              content: `def ${name}(text):\n    return text.${name}()\n`,
            },
          ],
          [
            "write",
            {
              path: `tests/test_${name}.py`,
              content: `import unittest

from words.${name} import ${name}


class Letters(unittest.TestCase):
    def test_ac_${story}_1_changes_letters(self):
        self.assertEqual(${name}("aB"), "aB".${name}())
`,
            },
          ],
        ],
        [["run", { command: "python3 -m unittest" }]],
        [["done", { summary: "does it", acceptanceTests: [`tests/test_${name}.py`] }]],
      ],
    });
    const world = await World.create(change("upper", 1), {
      "pyproject.toml": '[project]\nname = "words"\nversion = "1.0.0"\n',
      "README.md": "# Words\n\nTest it with `python3 -m unittest`.\n",
      "words/__init__.py": "",
      "words/size.py": "def size(text):\n    return len(text)\n",
      "tests/__init__.py": "",
      "tests/test_size.py": `import unittest

from words.size import size


class Size(unittest.TestCase):
    def test_counts(self):
        self.assertEqual(size("abc"), 3)
`,
    });
    try {
      const ran = await world.run(["--branch", "feature/letters"]);
      expect(ran.code, ran.stderr).toBe(0);
      expect(resultOf(ran)).toMatchObject({
        platform: "existing_python",
        testsRun: 2,
        branch: { name: "feature/letters" },
      });
      const { repository } = world;
      expect(repository.git("status", "--porcelain")).toBe("");
      const first = repository.git("rev-parse", "feature/letters");
      repository.git("merge", "-q", "feature/letters");
      await repository.write({ "CHANGES.md": "Letters.\n" });
      repository.git("add", "-A");
      repository.git("commit", "-q", "-m", "by hand");
      const second = repository.git("rev-parse", "main");

      await world.next(change("lower", 2));
      const again = await world.run();
      expect(again.code, again.stderr).toBe(0);
      expect(resultOf(again)).toMatchObject({ testsRun: 3, branch: { name: "feature/letters" } });
      expect(
        repository.git("log", "--format=%H", "main..feature/letters").split("\n"),
      ).toHaveLength(1);
      expect(repository.git("rev-parse", "feature/letters~1")).toBe(second);
      expect(repository.git("merge-base", "--is-ancestor", first, "feature/letters")).toBe("");
    } finally {
      await world.dispose();
    }
  });
});

describe("a run on a project that is there already stops", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.create(discount("total"), nodeFiles);
  });
  afterAll(() => world.dispose());

  it("with exit 4 and no branch when the model says that red tests pass", async () => {
    const ran = await world.run();
    expect(ran.code, ran.stderr).toBe(4);
    const result = resultOf(ran);
    expect(result.stories.map(({ status }) => status)).toEqual(["failed"]);
    expect(result.branch).toMatchObject({ name: "autosd/change", commands: null });
    expect(world.repository.git("branch", "--list")).toBe("* main");
    expect(world.repository.git("status", "--porcelain")).toBe("");
    expect(result.resume).toContain(`--project-dir ${world.repository.root}`);
  });

  it("before anything is asked when the project's own tests are red, with the evidence", async () => {
    const asked = world.shown.length;
    await world.repository.write({ "src/cart.js": "export const total = () => 4;\n" });
    world.repository.git("commit", "-q", "-a", "-m", "broken");
    const ran = await world.run();
    expect(ran.code).toBe(4);
    const error = JSON.parse(ran.stdout) as { readonly code: string; readonly message: string };
    expect(error.code).toBe("AUTOSD-BASE-RED");
    expect(error.message).toContain('tests: 1 of 1 test failed; first "adds up prices"');
    expect(world.shown).toHaveLength(asked);
    const log = /Whole output: (\S+)/.exec(error.message)?.[1] ?? "";
    expect(await readFile(join(log, "tests.log"), "utf8")).toContain("adds up prices");
  });

  it("when nobody could build it, or the folder is none to work in", async () => {
    const { place, repository } = world;
    const at = (folder: string, ...more: readonly string[]) =>
      place.autosd(
        [
          ...["run", "--project-dir", folder, "--requirements-text", "A total is rounded."],
          ...["--provider", "openai", "--model", "scripted", ...more],
        ],
        { env: { OPENAI_API_KEY: key } },
      );
    const blueprint = await at(repository.root, "--provider", "blueprint");
    expect(blueprint).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("AUTOSD-PROVIDER-UNSUITED") as string,
    });
    const below = await at(join(repository.root, "src"));
    expect(below.code).toBe(2);
    expect(below.stderr).toContain(`--project-dir ${repository.root}`);
    const outside = await at(place.root);
    expect(outside.code).toBe(2);
    expect(outside.stderr).toContain("is no git repository");
    expect(outside.stderr).toContain(" init");
    repository.git("branch", "theirs");
    repository.git("switch", "-q", "theirs");
    repository.git("commit", "-q", "--allow-empty", "-m", "of a person");
    repository.git("switch", "-q", "main");
    const theirs = await at(repository.root, "--branch", "theirs");
    expect(theirs).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("AUTOSD-BRANCH-TAKEN") as string,
    });
  });
});

it("a killed run goes on where it was, on its branch, and pays for nothing twice", async () => {
  const world = await World.create(discount("total - (total * percent) / 100"), nodeFiles);
  try {
    const before = await world.repository.digests();
    await world.killAfter(4);
    const resumed = await world.place.autosd(["runs", "resume", "--json"], {
      env: { OPENAI_API_KEY: key },
    });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resultOf(resumed)).toMatchObject({ branch: { name: "autosd/change" } });
    const { paid } = world.server.ledger;
    // The answer that was on its way when the run was killed may have been lost with it.
    expect(new Set(paid.map(({ request }) => request)).size).toBe(5);
    expect(paid.length).toBeLessThanOrEqual(6);
    expect(await world.repository.digests()).toEqual(before);
  } finally {
    await world.dispose();
  }
});
