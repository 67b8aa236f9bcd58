import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { program } from "../support/cli.ts";
import { ExistingWorld, providerKey, resultOf } from "../support/existing-world.ts";
import type { ScriptedChange } from "../support/model-world/scripted-change.ts";
import { standInForPytest, writeWheels } from "../support/wheels.ts";

const files = {
  "pyproject.toml": `[project]
name = "shop"
version = "1.0.0"
dependencies = ["sums>=1"]

[dependency-groups]
test = ["pytest>=8"]
`,
  "uv.lock": `[[package]]
name = "sums"
version = "1.2.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "pytest"
version = "8.0.0"
`,
  "shop/__init__.py": "",
  "shop/cart.py": "from sums import add\n\n\ndef total(a, b):\n    return add(a, b)\n",
  "tests/test_cart.py":
    "from shop.cart import total\n\n\ndef test_total():\n    assert total(1, 2) == 3\n",
};

const delivery: ScriptedChange = {
  title: "A cart's total can be told with the price of delivery",
  then: "5 for delivery make 8 of 1 and 2",
  turns: [
    [
      [
        "write",
        {
          path: "shop/delivery.py",
          content: `from sums import add

from shop.cart import total


def delivered(a, b, price):
    return add(total(a, b), price)
`,
        },
      ],
      [
        "write",
        {
          path: "tests/test_delivery.py",
          content: `from shop.delivery import delivered


def test_ac_1_1_adds_the_price_of_delivery():
    assert delivered(1, 2, 5) == 8
`,
        },
      ],
    ],
    [["run", { command: ".venv/bin/python -m pytest --junitxml=/tmp/seen.xml" }]],
    [["done", { summary: "adds it", acceptanceTests: ["tests/test_delivery.py"] }]],
  ],
};

it("a Python project with a dependency and pytest waits for the machine's tools, then is built and proven with them", async () => {
  const wheels = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: "" };
  const world = await ExistingWorld.create(delivery, files, wheels);
  try {
    const { place, repository, server } = world;
    wheels.PIP_FIND_LINKS = place.path("wheels");
    await writeWheels(place.path("wheels"), [
      standInForPytest,
      {
        name: "sums",
        version: "1.2.0",
        files: { "sums.py": "def add(a, b):\n    return a + b\n" },
      },
    ]);
    const env = { OPENAI_API_KEY: providerKey, ...wheels };

    // Beside Node is where commands look first, without a sandbox: this Python can make nothing.
    const bin = place.path("bin");
    await mkdir(bin);
    await copyFile(process.execPath, `${bin}/node`);
    await writeFile(`${bin}/python3`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const words = [
      ...["run", "--project-dir", repository.root, "--requirements-file", place.path("change.md")],
      ...["--provider", "openai", "--model", "scripted", "--base-url", `${server.url}/v1`],
    ];
    const lacking = await place.run(`${bin}/node`, [program, ...words, "--json"], {
      env: { ...env, AUTOSD_SANDBOX: "none" },
    });
    expect(lacking.code, lacking.stderr).toBe(5);
    expect(JSON.parse(lacking.stdout)).toMatchObject({
      code: "AUTOSD-TOOLCHAIN-MISSING",
      message: expect.stringContaining("neither pip nor ensurepip") as string,
      remedy: expect.stringContaining("apt-get install python3 python3-venv") as string,
    });
    expect(server.ledger.entries).toEqual([]);
    expect(repository.git("branch", "--list")).toBe("* main");

    const ran = await place.autosd(["runs", "resume", "--json"], { env });
    expect(ran.code, ran.stderr).toBe(0);
    const result = resultOf(ran);
    expect(result).toMatchObject({ outcome: "verified", platform: "existing_python", testsRun: 2 });
    expect(result.projectGates).toContainEqual(
      expect.objectContaining({
        gate: "install",
        verdict: "green",
        finding: "2 packages as uv.lock has them",
      }),
    );
    // What the model ran was the project's own pytest, with the dependency.
    expect(world.shown.at(-1)).toContain("[exit code 0]");
    expect(repository.git("show", "--stat", "--format=", "autosd/change")).toContain(
      "tests/test_delivery.py",
    );
    expect(repository.git("status", "--porcelain")).toBe("");
  } finally {
    await world.dispose();
  }
});
