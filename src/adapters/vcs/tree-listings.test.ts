import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareListings,
  parseIndex,
  parseTree,
  TreeListings,
  type TreeListing,
} from "./tree-listings.ts";

const blob = (letter: string): string => letter.repeat(40);
const repository = { directory: "/p", gitDir: "/p/.git", view: "/v", objectsEnv: {} };

function listing(size: number): TreeListing {
  return new Map(
    Array.from({ length: size }, (_, index) => [
      `f${String(index)}`,
      { mode: "100644", blob: blob("a") },
    ]),
  );
}

describe("listings of trees", () => {
  it("reads the same from a tree and from an index", () => {
    const wanted = new Map([
      ["a b\tc\n", { mode: "100755", blob: blob("a") }],
      ["link", { mode: "120000", blob: blob("b") }],
    ]);
    expect(
      parseTree(`100755 blob ${blob("a")}\ta b\tc\n\x00120000 blob ${blob("b")}\tlink\x00`),
    ).toEqual(wanted);
    expect(
      parseIndex(`100755 ${blob("a")} 0\ta b\tc\n\x00120000 ${blob("b")} 0\tlink\x00`),
    ).toEqual(wanted);
  });

  it("differ in content, mode, and what is there", () => {
    const from = new Map([
      ["gone", { mode: "100644", blob: blob("a") }],
      ["kept", { mode: "100644", blob: blob("a") }],
      ["mode", { mode: "100644", blob: blob("a") }],
      ["text", { mode: "100644", blob: blob("a") }],
    ]);
    const to = new Map([
      ["kept", { mode: "100644", blob: blob("a") }],
      ["mode", { mode: "100755", blob: blob("a") }],
      ["new", { mode: "100644", blob: blob("c") }],
      ["text", { mode: "100644", blob: blob("b") }],
    ]);
    expect(compareListings(from, to)).toEqual([
      { path: "gone", kind: "deleted", mode: "000000", blob: "0".repeat(40) },
      { path: "mode", kind: "modified", mode: "100755", blob: blob("a") },
      { path: "new", kind: "added", mode: "100644", blob: blob("c") },
      { path: "text", kind: "modified", mode: "100644", blob: blob("b") },
    ]);
  });

  it("turn into each other by their differences", () => {
    const listings = fc
      .dictionary(fc.constantFrom("a", "b", "c/d", "c/e"), fc.constantFrom("1", "2"))
      .map((files): TreeListing => {
        const entries = Object.entries(files);
        return new Map(entries.map(([path, one]) => [path, { mode: "100644", blob: blob(one) }]));
      });
    fc.assert(
      fc.property(listings, listings, (from, to) => {
        const result = new Map(from);
        for (const { path, kind, mode, blob: id } of compareListings(from, to))
          if (kind === "deleted") result.delete(path);
          else result.set(path, { mode, blob: id });
        expect(Object.fromEntries(result)).toEqual(Object.fromEntries(to));
      }),
    );
  });

  it("are remembered for one repository, the oldest not for ever", () => {
    const known = new TreeListings();
    known.remember(repository, "one", listing(30_000));
    expect(known.recall(repository, "one")?.size).toBe(30_000);
    expect(known.recall({ ...repository, gitDir: "/q/.git" }, "one")).toBeUndefined();
    known.remember(repository, "two", listing(30_000));
    expect(known.recall(repository, "one")).toBeUndefined();
    expect(known.recall(repository, "two")?.size).toBe(30_000);
  });
});
