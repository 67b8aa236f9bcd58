import { expect, it } from "vitest";
import { createMemoryProjectFiles } from "../../adapters/store/memory-project-files.ts";
import { projectHead } from "./project-head.ts";

const identity = {
  ...{ schema: "autosd/project@1", projectId: "shop", title: "Shop", createdAt: "2026-01-01" },
};

async function headOf(more: object, target: object) {
  const files = createMemoryProjectFiles();
  await files.write("/shop", "project.json", JSON.stringify({ ...identity, ...more }));
  const checkedOut = { kind: "repository", head: "c0", branch: "main", dirty: [] } as const;
  const survey = { ...checkedOut, obstacles: [], target } as never;
  return projectHead(
    {
      files,
      vcs: { inspect: async () => checkedOut },
      repositories: { survey: async () => survey },
    },
    "/shop",
  );
}

it("is what is checked out in a project of autosd's own", async () => {
  expect(await headOf({}, { kind: "absent" })).toMatchObject({ head: "c0", branch: "main" });
});

it("is the branch that runs work on in somebody's repository", async () => {
  const branch = "autosd/search";
  const own = await headOf({ branch }, { kind: "own", commit: "c1" });
  expect(own).toMatchObject({ head: "c1", branch });
  const nothing = await headOf({ branch }, { kind: "absent" });
  expect(nothing).toMatchObject({ head: undefined, branch });
});
