import { expect, it } from "vitest";
import { configurationProblems } from "./gate-configuration.ts";

type Files = Readonly<Record<string, string>>;

function problems(base: Files, result: Files): readonly string[] {
  const mapOf = (files: Files) => new Map(Object.entries(files));
  return [...configurationProblems(mapOf(base), mapOf({ ...base, ...result }), new Set())];
}

it("lets fixtures of conftest.py change, and hooks of the test runner not", () => {
  const base = { "tests/conftest.py": "import pytest\n" };
  const fixture = "import pytest\n\n@pytest.fixture\ndef shop():\n    return []\n";
  expect(problems(base, { "tests/conftest.py": fixture })).toEqual([]);
  const hook = "def pytest_collection_modifyitems(items):\n    items.clear()\n";
  expect(problems(base, { "tests/conftest.py": hook })).toEqual([
    expect.stringContaining("tells the test runner otherwise now"),
  ]);
  expect(problems(base, { "conftest.py": "collect_ignore = ['tests']\n" })).toHaveLength(1);
  expect(problems({ "conftest.py": hook }, { "conftest.py": "" })).toHaveLength(1);
});

it("takes a new file that shadows what configures a gate for a change of it", () => {
  const base = { "pyproject.toml": "[tool.ruff]\nselect = ['ALL']\n" };
  expect(problems(base, { "ruff.toml": "" })).toEqual([
    "ruff.toml is new: it takes the place of what pyproject.toml says to a gate",
  ]);
  expect(problems(base, { "pkg/.ruff.toml": "" })).toHaveLength(1);
  expect(problems(base, { "mypy.ini": "[mypy]\n" })).toEqual([]);
});

it("lets packaging in setup.cfg change, and what it says to gates not", () => {
  const base = { "setup.cfg": "[metadata]\nname = a\n\n[flake8]\nmax-line-length = 80\n" };
  const packaging = "[metadata]\nname = b\n\n[flake8]\nmax-line-length = 80\n";
  expect(problems(base, { "setup.cfg": packaging })).toEqual([]);
  const looser = "[metadata]\nname = a\n\n[flake8]\nmax-line-length = 800\n";
  expect(problems(base, { "setup.cfg": looser })).toEqual([
    "setup.cfg configures gates differently now",
  ]);
});

it("lets a script that proved nothing be replaced by one that does", () => {
  const manifest = (test: string) => JSON.stringify({ name: "a", scripts: { test } });
  const idle = manifest('echo "Error: no test specified" && exit 1');
  expect(problems({ "package.json": idle }, { "package.json": manifest("node --test") })).toEqual(
    [],
  );
  const real = { "package.json": manifest("node --test") };
  expect(problems(real, { "package.json": manifest("node --test one") })).toHaveLength(1);
});
