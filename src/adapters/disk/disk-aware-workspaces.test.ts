import { expect, it } from "vitest";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import { createDiskAwareWorkspaces } from "./disk-aware-workspaces.ts";

function openWith(failure: Error | undefined): {
  readonly workspaces: ReturnType<typeof createDiskAwareWorkspaces>;
  readonly discarded: Workspace[];
} {
  const discarded: Workspace[] = [];
  const inner: Workspace = {
    root: "/scratch/run_1",
    baseTree: "t",
    list: async () => [],
    read: async () => undefined,
    write: async () => {
      if (failure !== undefined) throw failure;
    },
    remove: async () => undefined,
  };
  const workspaces = createDiskAwareWorkspaces({
    open: async () => inner,
    fill: async () => undefined,
    discard: async (workspace) => {
      discarded.push(workspace);
    },
  });
  return { workspaces, discarded };
}

const place = { repository: "/r", tree: "t", name: "n" };

it("does not let an implementer that goes on after a full disk have an answer", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const { workspaces, discarded } = openWith(full);
  const workspace = await workspaces.open(place);
  await expect(workspace.write("a", "b")).rejects.toBe(full);
  await expect(workspaces.discard(workspace)).rejects.toMatchObject({
    code: "AUTOSD-DISK-FULL",
    folder: "/scratch/run_1",
  });
  expect(discarded).toHaveLength(1);
});

it("leaves other failures to the implementer", async () => {
  const { workspaces } = openWith(new Error("refused"));
  const workspace = await workspaces.open(place);
  await expect(workspace.write("a", "b")).rejects.toThrow("refused");
  await workspaces.discard(workspace);
});

it("says nothing when all went well", async () => {
  const { workspaces, discarded } = openWith(undefined);
  const workspace = await workspaces.open(place);
  await workspace.write("a", "b");
  await workspaces.discard(workspace);
  expect(discarded).toEqual([workspace]);
});
