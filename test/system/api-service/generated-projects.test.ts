import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProductModel } from "../../../src/blueprint/model/product-model.ts";
import {
  expectToKeepItsDocument,
  gates,
  gatesTimeoutMs,
  installed,
  installTimeoutMs,
  projectFolder,
} from "./harness.ts";
import { bookmarksModel } from "./models/bookmarks.ts";
import { everythingModel } from "./models/everything.ts";
import { renderInto } from "./render-project.ts";

describe("generated projects", () => {
  let root: string;
  let modules: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "autosd-test-projects-"));
    modules = await installed();
  }, installTimeoutMs);
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function project(name: string, product: ProductModel, stories: number): string {
    const folder = projectFolder(root, name, modules);
    renderInto(folder, product, stories);
    return folder;
  }

  // Bookmarks is built story by story, gates and service and all, by test/e2e/operations.test.ts.
  it(
    "passes its own lint, types and tests when half of everything is there",
    async () => {
      await gates(project("half", everythingModel, Math.ceil(everythingModel.features.length / 2)));
    },
    gatesTimeoutMs,
  );

  it(
    "passes its own lint, types and tests when everything is there, and keeps to its API document",
    async () => {
      const folder = project("whole", everythingModel, everythingModel.features.length);
      await gates(folder);
      await expectToKeepItsDocument(folder);
    },
    gatesTimeoutMs,
  );

  it.each([bookmarksModel, everythingModel])(
    "keeps what earlier stories rendered, but for the files that the next needs",
    (product) => {
      for (const stories of [2, 6, 10, product.features.length - 1]) {
        const before = renderInto(join(root, "diff"), product, stories);
        const after = renderInto(join(root, "diff"), product, stories + 1);
        const gone = before.filter((path) => !after.includes(path));
        expect(gone).toEqual([]);
        const added = after.filter((path) => path.startsWith("test/acceptance/"));
        expect(added).toHaveLength(stories + 1);
      }
    },
  );
});
