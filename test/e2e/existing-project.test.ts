import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import type { CliResult } from "../support/cli.ts";
import {
  discount,
  ExistingWorld,
  guide,
  nodeFiles,
  providerKey,
  resultOf,
} from "../support/existing-world.ts";
import { changeDocument, type ScriptedChange } from "../support/model-world/scripted-change.ts";

describe("a Node.js project that is there already", () => {
  let world: ExistingWorld;
  let before: ReadonlyMap<string, string>;
  let statusBefore = "";
  let ran: CliResult;
  let result: RunResult;
  const plain = ["-c", "core.fsmonitor=false"];
  const branch = "autosd/change";

  beforeAll(async () => {
    world = await ExistingWorld.create(discount("total - (total * percent) / 100"), nodeFiles);
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
    const world = await ExistingWorld.create(change("upper", 1), {
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
  let world: ExistingWorld;
  beforeAll(async () => {
    world = await ExistingWorld.create(discount("total"), nodeFiles);
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
        { env: { OPENAI_API_KEY: providerKey } },
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
  const world = await ExistingWorld.create(discount("total - (total * percent) / 100"), nodeFiles);
  try {
    const before = await world.repository.digests();
    await world.killAfter(4);
    const resumed = await world.place.autosd(["runs", "resume", "--json"], {
      env: { OPENAI_API_KEY: providerKey },
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

it("a project without a lockfile is refused with a command that makes one, after which the run is made", async () => {
  const world = await ExistingWorld.create(discount("total - (total * percent) / 100"), {
    ...nodeFiles,
    "package.json": JSON.stringify({
      ...{ name: "shop", type: "module", scripts: { test: "node --test" } },
      dependencies: { ms: "2.1.3" },
    }),
    // As people have it who want no lockfile in their packages.
    ".npmrc": "package-lock=false\n",
  });
  try {
    const ran = await world.run();
    expect(ran.code, ran.stderr).toBe(2);
    const refused = JSON.parse(ran.stdout) as { code: string; remedy: string };
    expect(refused.code).toBe("AUTOSD-LOCKFILE-MISSING");
    expect(world.shown).toEqual([]);
    expect(world.repository.git("status", "--porcelain", "--ignored")).toBe("");
    execFileSync("sh", ["-c", refused.remedy], { stdio: "ignore" });
    expect(world.repository.git("show", "--name-only", "--format=")).toBe("package-lock.json");
    const again = await world.run();
    expect(again.code, again.stderr).toBe(0);
  } finally {
    await world.dispose();
  }
});
