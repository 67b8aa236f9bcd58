import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atMost } from "../../../src/delivery/verification/at-most.ts";
import {
  expectToKeepItsDocument,
  gates,
  installed,
  installTimeoutMs,
  projectFolder,
} from "./harness.ts";
import { fixtureModel, fixtureNames } from "./models/fixtures.ts";
import { renderInto } from "./render-project.ts";

/** All of them wait for each other. */
const allTimeoutMs = 600_000;

describe("the variants of requirements", () => {
  const two = atMost(2);
  let root: string;
  let modules: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "autosd-test-variants-"));
    modules = await installed();
  }, installTimeoutMs);
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("are eight", () => {
    expect(fixtureNames).toHaveLength(8);
  });

  it.concurrent.each(fixtureNames)(
    "%s becomes a project that passes its own gates and keeps to its API document",
    (name) =>
      two(async () => {
        const folder = projectFolder(root, name, modules);
        const model = fixtureModel(name);
        renderInto(folder, model, model.features.length);
        await gates(folder);
        await expectToKeepItsDocument(folder);
      }),
    allTimeoutMs,
  );
});
