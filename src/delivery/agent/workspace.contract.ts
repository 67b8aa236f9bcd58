import { describe, expect, it } from "vitest";
import type { Workspace } from "./workspace.port.ts";

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

/** Paths that no workspace may touch. */
export const refusedPaths = [
  ...["", "/etc/passwd", "../x", "a/../../x", "a/..", "a//b", "./a", "a/.", "C:/x", "a\\b", "a\0b"],
  ...[".git", ".git/config", "a/.git/config", ".GIT/config", ".git./x", ".git /x", "git~1/x"],
  ...[".g\u200cit/x", ".git::$INDEX_ALLOCATION/x", "nul", "a/con.txt", "dot./x", "x".repeat(2_000)],
];

/** What every Workspace must do; adapters' tests call it. */
export function workspaceContract(name: string, open: () => Promise<Workspace>): void {
  describe(`${name}: files`, () => {
    it("writes, reads, lists and removes", async () => {
      const workspace = await open();
      expect(await workspace.list()).toEqual([]);
      await workspace.write("src/a.ts", "one");
      await workspace.write("src/deep/b.bin", Uint8Array.from([0, 255]));
      await workspace.write('-dash "quoted" ü', "two");
      expect(await workspace.list()).toEqual(['-dash "quoted" ü', "src/a.ts", "src/deep/b.bin"]);
      expect(text(await workspace.read("src/a.ts"))).toBe("one");
      expect([...((await workspace.read("src/deep/b.bin")) ?? [])]).toEqual([0, 255]);
      await workspace.write("src/a.ts", "three");
      expect(text(await workspace.read("src/a.ts"))).toBe("three");
      await workspace.remove("src/deep/b.bin");
      expect(await workspace.list()).toEqual(['-dash "quoted" ü', "src/a.ts"]);
      await workspace.write("src/deep", "a file where a folder was");
      expect(text(await workspace.read("src/deep"))).toBe("a file where a folder was");
    });

    it("says undefined for what is not there", async () => {
      const workspace = await open();
      await workspace.write("folder/a", "1");
      expect(await workspace.read("none")).toBeUndefined();
      expect(await workspace.read("none/at/all")).toBeUndefined();
      expect(await workspace.read("folder")).toBeUndefined();
      expect(await workspace.read("folder/a/below")).toBeUndefined();
      await workspace.remove("none/at/all");
    });

    it("leaves out what tools put there", async () => {
      const workspace = await open();
      await workspace.write(".gitignore", "dist/\n*.log\n");
      await workspace.write("node_modules/p/index.js", "x");
      await workspace.write("dist/out.js", "x");
      await workspace.write("a.ts", "x");
      expect(await workspace.list()).toEqual([".gitignore", "a.ts"]);
    });

    it.each(refusedPaths.map((path) => [path.slice(0, 40), path] as const))(
      "refuses the path %j",
      async (_shown, path) => {
        const workspace = await open();
        const refused = { code: "AUTOSD-WORKSPACE-PATH" };
        await expect(workspace.write(path, "x")).rejects.toMatchObject(refused);
        await expect(workspace.read(path)).rejects.toMatchObject(refused);
        await expect(workspace.remove(path)).rejects.toMatchObject(refused);
        expect(await workspace.list()).toEqual([]);
      },
    );

    it("refuses a folder where a file is and a file where a folder is", async () => {
      const workspace = await open();
      await workspace.write("a/b", "1");
      const refused = { code: "AUTOSD-WORKSPACE-PATH" };
      await expect(workspace.write("a", "x")).rejects.toMatchObject(refused);
      await expect(workspace.write("a/b/c", "x")).rejects.toMatchObject(refused);
      await expect(workspace.remove("a")).rejects.toMatchObject(refused);
    });
  });
}
