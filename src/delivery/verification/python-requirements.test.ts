import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPythonManifest } from "./pyproject.ts";
import { pythonRequirements, type PythonRequirements } from "./python-requirements.ts";

type Files = Readonly<Record<string, string>>;

async function gathered(files: Files): Promise<PythonRequirements> {
  const snapshot = {
    paths: Object.keys(files).sort(),
    readText: async (path: string) => files[path],
  };
  return pythonRequirements(snapshot, await readPythonManifest(snapshot));
}

const linesOf = ({ text }: PythonRequirements): readonly string[] =>
  text.split("\n").filter((one) => one !== "");

describe("what is installed for a Python project", () => {
  it.each<[string, Files, readonly string[], readonly string[]]>([
    [
      "one file",
      { "requirements.txt": "a==1 # why\n\n# no\nB_c.d==2\n" },
      ["a==1", "B_c.d==2"],
      [],
    ],
    [
      "files for tests beside the one for the product, each named once",
      { "requirements.txt": "a==1\n", "requirements-dev.txt": "-r requirements.txt\nt==2\n" },
      ["a==1", "t==2"],
      [],
    ],
    [
      "files that name others from where they lie",
      {
        "requirements/dev.txt": "-r base.txt\n--requirement=../more.txt\n",
        "requirements/base.txt": "a==1\n",
        "more.txt": "b>=2\n",
      },
      ["a==1", "b>=2"],
      ["b"],
    ],
    [
      "the project itself, with extras, as what it needs",
      {
        "requirements-dev.txt": "-e .[extra]\n",
        "pyproject.toml":
          '[project]\nname = "own"\ndependencies = ["a==1"]\n[project.optional-dependencies]\nextra = ["x==3", "own[more]"]\nmore = ["y==4"]\nother = ["z==5"]\n',
      },
      ["a==1", "x==3", "y==4"],
      [],
    ],
    [
      "groups that hold others",
      {
        "pyproject.toml":
          '[dependency-groups]\ndev = [{ include-group = "test" }, "d==1"]\ntest = ["t==1"]\n',
      },
      ["t==1", "d==1"],
      [],
    ],
    [
      "poetry's tables in the words of pip",
      {
        "pyproject.toml":
          '[tool.poetry.dependencies]\npython = "^3.11"\na = "^1.2.3"\nb = "~0.4"\nc = "*"\nd = { version = "1.0", extras = ["x"] }\ne = "^0.0.3"\n[tool.poetry.group.test.dependencies]\nt = ">=2,<3"\n',
      },
      ["a>=1.2.3,<2", "b>=0.4,<0.5", "c", "d[x]==1.0", "e>=0.0.3,<0.0.4", "t>=2,<3"],
      ["a", "b", "c", "e", "t"],
    ],
    [
      "setup.cfg",
      {
        "setup.cfg":
          "[options]\ninstall_requires =\n  a==1\n  b\n\n[options.extras_require]\nx = y\n",
      },
      ["a==1", "b"],
      ["b"],
    ],
    [
      "what has checksums, and nothing besides, which pip would refuse",
      {
        "requirements.txt": "a==1 \\\n    --hash=sha256:00\n",
        "pyproject.toml": '[project]\ndependencies = ["b"]\n',
      },
      ["a==1      --hash=sha256:00"],
      [],
    ],
  ])("is %s", async (_name, files, lines, unpinned) => {
    const found = await gathered(files);
    expect(linesOf(found)).toEqual(lines);
    expect(found.unpinned).toEqual(unpinned);
    expect(found.refusal).toBeUndefined();
  });

  it("has the versions of a lockfile, but not of packages that are there twice or lie elsewhere", async () => {
    const found = await gathered({
      "pyproject.toml": '[project]\ndependencies = ["a>=1", "b", "c"]\n',
      "poetry.lock":
        '[[package]]\nname = "a"\nversion = "1.5"\n[[package]]\nname = "b"\nversion = "1"\n[[package]]\nname = "b"\nversion = "2"\n[[package]]\nname = "c"\nversion = "3"\nsource = { git = "x" }\n',
    });
    expect(found.constraints).toBe("a==1.5\n");
    expect(found).toMatchObject({ unpinned: ["b", "c"], source: "poetry.lock" });
  });

  it.each<[string, Files, string]>([
    [
      "another index",
      { "requirements.txt": "--index-url https://x.example\na==1\n" },
      "another index",
    ],
    ["a folder of packages", { "requirements.txt": "-f ./wheels\na==1\n" }, "another index"],
    ["a local folder", { "requirements.txt": "-e ./libs/a\n" }, "a local folder or an address"],
    ["an address", { "requirements.txt": "a @ https://x.example/a.whl\n" }, "an address"],
    ["a repository", { "requirements.txt": "git+https://x.example/a\n" }, "an address"],
    [
      "a folder of poetry's",
      { "pyproject.toml": '[tool.poetry.dependencies]\na = { path = "../a" }\n' },
      "an address",
    ],
    [
      "a file that is not there",
      { "requirements.txt": "-r gone.txt\n" },
      "gone.txt, which is not there",
    ],
    ["a file above the project", { "requirements.txt": "-r ../../etc/x\n" }, "which is not there"],
    [
      "sources, which run programs",
      { "requirements.txt": "--no-binary :all:\na==1\n" },
      "--no-binary",
    ],
    ["a manifest that is none", { "pyproject.toml": "[project\n" }, "no valid TOML"],
    [
      "a program that would have to be run",
      { "setup.py": 'setup(install_requires=["a"])' },
      "setup.py, a program",
    ],
    [
      "a lockfile that is none",
      { "pyproject.toml": '[project]\ndependencies = ["a"]\n', "uv.lock": "[" },
      "uv.lock cannot be read",
    ],
  ])("is refused with %s", async (_name, files, words) => {
    expect((await gathered(files)).refusal).toContain(words);
  });

  it("comes to an end for files and extras that name each other, whatever they hold", async () => {
    const word = fc.constantFrom(
      ...["-r a.txt", "-r requirements.txt", "-c a.txt", "own[x]", "-e .[x,y]", "p==1", "\\", "#"],
      ...["[", "=", "-", "--", "@", "; python_version<'3'", "-r", "-e", "ü"],
    );
    const text = fc.array(word, { maxLength: 8 }).map((lines) => `${lines.join("\n")}\n`);
    const list = fc.array(word, { maxLength: 4 }).map((all) => JSON.stringify(all));
    await fc.assert(
      fc.asyncProperty(text, text, list, list, async (one, other, x, y) => {
        const found = await gathered({
          "requirements.txt": one,
          "a.txt": other,
          "pyproject.toml": `[project]\nname = "own"\n[project.optional-dependencies]\nx = ${x}\ny = ${y}\n`,
        });
        expect(found.packages.has("own")).toBe(false);
        for (const line of linesOf(found)) expect(line).not.toMatch(/^-[re]|^--(?:index|find|no)/);
      }),
      { numRuns: 200 },
    );
  });
});
