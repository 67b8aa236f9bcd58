import { describe, expect, it } from "vitest";
import type { Workspaces } from "./workspaces.port.ts";

/** A repository with one tree, and the workspaces under test. */
export interface WorkspacesSubject {
  readonly workspaces: Workspaces;
  readonly repository: string;
  /** Holds `a.txt` with the text `a` and `folder/b.txt` with `b`. */
  readonly tree: string;
}

/** What every adapter of Workspaces must do. */
export function workspacesContract(name: string, create: () => Promise<WorkspacesSubject>): void {
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("utf8");

  describe(`workspaces: ${name}`, () => {
    it("opens a folder with the files of the tree and nothing else", async () => {
      const { workspaces, repository, tree } = await create();
      const workspace = await workspaces.open({ repository, tree, name: "run-1-ST-1" });
      expect(workspace.baseTree).toBe(tree);
      expect(await workspace.list()).toEqual(["a.txt", "folder/b.txt"]);
      expect(text(await workspace.read("folder/b.txt"))).toBe("b");
      await workspaces.discard(workspace);
    });

    it("starts afresh where an attempt was cut", async () => {
      const { workspaces, repository, tree } = await create();
      const cut = await workspaces.open({ repository, tree, name: "same" });
      await cut.write("a.txt", "half a thought");
      await cut.write("left/over.txt", "x");
      const again = await workspaces.open({ repository, tree, name: "same" });
      expect(await again.list()).toEqual(["a.txt", "folder/b.txt"]);
      expect(text(await again.read("a.txt"))).toBe("a");
      await workspaces.discard(again);
    });

    it("keeps attempts of different names apart", async () => {
      const { workspaces, repository, tree } = await create();
      const one = await workspaces.open({ repository, tree, name: "one" });
      const two = await workspaces.open({ repository, tree, name: "two" });
      await one.write("a.txt", "one");
      expect(text(await two.read("a.txt"))).toBe("a");
      await workspaces.discard(one);
      expect(text(await two.read("a.txt"))).toBe("a");
      await workspaces.discard(two);
    });

    it("fills an open folder with another tree, and nothing else stays", async () => {
      const { workspaces, repository, tree } = await create();
      const workspace = await workspaces.open({ repository, tree, name: "filled" });
      await workspace.write("a.txt", "changed");
      await workspace.write("left/over.txt", "x");
      await workspaces.fill(workspace, { repository, tree });
      expect(await workspace.list()).toEqual(["a.txt", "folder/b.txt"]);
      expect(text(await workspace.read("a.txt"))).toBe("a");
      await workspaces.discard(workspace);
    });

    it("discards twice without complaint", async () => {
      const { workspaces, repository, tree } = await create();
      const request = { repository, tree, name: "../../escape" };
      const workspace = await workspaces.open(request);
      const other = await workspaces.open({ ...request, name: "escape" });
      await workspaces.discard(workspace);
      await workspaces.discard(workspace);
      expect(await other.list()).toEqual(["a.txt", "folder/b.txt"]);
      const again = await workspaces.open(request);
      expect(await again.list()).toEqual(["a.txt", "folder/b.txt"]);
      for (const one of [again, other]) await workspaces.discard(one);
    });
  });
}
