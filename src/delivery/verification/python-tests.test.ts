import { expect, it } from "vitest";
import { machineLack } from "./machine-lack.ts";
import { pythonTests } from "./python-tests.ts";
import type { CommandGate } from "./toolchain.ts";

const namesIn = (text: string) =>
  pythonTests(text).map(({ name, dynamic, skipped }) => [name, dynamic, skipped]);

it("knows a test with a table of several lines from one of one line", () => {
  const text = `@pytest.mark.parametrize(
    "a",
    [
        (1, "("),
    ],
)
def test_table(a):
    assert a

def test_plain():
    assert True is not False
`;
  // A bracket in a text is taken for one: what follows is looked at with care, not left out.
  expect(namesIn(text.replace('"("', '"x"'))).toEqual([
    ["test_table", true, false],
    ["test_plain", false, false],
  ]);
  expect(namesIn(text).map(([name]) => name)).toEqual(["test_table", "test_plain"]);
});

it("takes neither fixtures nor functions in functions for tests", () => {
  const text = `@pytest.fixture(scope="module")
def test_client():
    return 1

class TestShop:
    def test_view(
        self,
        test_client,
    ):
        def test_inner():
            pass
        assert test_client

    @fixture
    def test_data(self):
        return 2
`;
  expect(namesIn(text)).toEqual([["test_view", false, false]]);
});

it("knows a file that leaves itself out", () => {
  for (const first of [
    'np = pytest.importorskip("numpy")',
    'pytest.skip("no", allow_module_level=True)',
    'pytestmark = pytest.mark.skipif(True, reason="no")',
  ])
    expect(namesIn(`import pytest\n${first}\n\ndef test_a():\n    assert 1\n`)).toEqual([
      ["test_a", false, true],
    ]);
});

it("tells a machine without pytest from tests that cannot import something", () => {
  const gate: CommandGate = {
    name: "tests",
    command: ["python3"],
    env: {},
    timeoutMs: 1,
    after: [],
    machineModule: "pytest",
  };
  const run = (stderr: string) => ({
    result: { end: { kind: "exited", exitCode: 1 }, stdout: "", stderr, durationMs: 1 } as const,
    report: undefined,
  });
  expect(machineLack(gate, run("/usr/bin/python3: No module named pytest\n"))).toMatchObject({
    remedy: expect.stringContaining("apt-get install python3-pytest") as string,
  });
  expect(machineLack(gate, run("ModuleNotFoundError: No module named 'pytest'\n"))).toBeUndefined();
  expect(
    machineLack({ ...gate, machineModule: "other" }, run("python3: No module named pytest\n")),
  ).toBeUndefined();
});
