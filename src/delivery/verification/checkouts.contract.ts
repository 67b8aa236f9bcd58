import { describe, expect, it } from "vitest";
import type { Checkouts } from "./checkouts.port.ts";

/** A repository with one tree: `a.txt` ("one"), `src/b.txt` ("two"), `bin` (no text). */
export interface CheckoutsSubject {
  readonly checkouts: Checkouts;
  readonly repository: string;
  readonly tree: string;
  /** Whether anything of the checkout's is left on disk. */
  readonly isGone: (root: string) => Promise<boolean>;
  /** What a hostile command does: replaces a file of the checkout by a link to a secret. */
  readonly plantLink: (root: string, path: string) => Promise<void>;
}

/** What every Checkouts must do; adapters' tests call it. */
export function checkoutsContract(name: string, open: () => Promise<CheckoutsSubject>): void {
  describe(`${name}: clean checkouts`, () => {
    it("holds the files of the tree and knows which are text", async () => {
      const { checkouts, repository, tree } = await open();
      const checkout = await checkouts.open({ repository, tree });
      expect(checkout.paths).toEqual(["a.txt", "bin", "src/b.txt"]);
      expect(await checkout.readText("src/b.txt")).toBe("two");
      expect(await checkout.readText("bin")).toBeUndefined();
      expect(await checkout.readText("none")).toBeUndefined();
      expect(await checkout.readText("src")).toBeUndefined();
      await checkout.dispose();
    });

    it("is apart from every other checkout and gone when disposed of", async () => {
      const { checkouts, repository, tree, isGone } = await open();
      const [one, other] = await Promise.all([
        checkouts.open({ repository, tree }),
        checkouts.open({ repository, tree }),
      ]);
      await one.write("a.txt", "changed");
      await one.makeFolder("deep/folder");
      expect(await other.readText("a.txt")).toBe("one");
      const side = await one.sideFolder("cache");
      expect(side.startsWith(one.root)).toBe(false);
      await one.dispose();
      await one.dispose();
      expect(await isGone(one.root)).toBe(true);
      expect(await isGone(side)).toBe(true);
      expect(await isGone(other.root)).toBe(false);
      await other.dispose();
    });

    it("reads nothing through a link that a command planted", async () => {
      const { checkouts, repository, tree, plantLink } = await open();
      const checkout = await checkouts.open({ repository, tree });
      await plantLink(checkout.root, "report.json");
      await plantLink(checkout.root, "a.txt");
      expect(await checkout.readText("report.json")).toBeUndefined();
      expect(await checkout.readText("a.txt")).toBeUndefined();
      await checkout.dispose();
    });
  });
}
