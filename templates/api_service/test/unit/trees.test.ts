import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/storage/open-database.ts";
import { isAtOrAbove } from "../../src/storage/trees.ts";

describe("trees", () => {
  it("finds what stands above, and ends in a ring", () => {
    const sql = "CREATE TABLE nodes (id TEXT, parent TEXT) STRICT";
    const database = openDatabase(":memory:", [{ id: "001", sql }]);
    const tree = { table: "nodes", column: "parent" };
    for (const [id, parent] of [
      ["a", null],
      ["b", "a"],
      ["c", "b"],
      ["r", "s"],
      ["s", "r"],
    ] as const)
      database.run("INSERT INTO nodes VALUES (?, ?)", [id, parent]);
    expect(isAtOrAbove(database, tree, "a", "c")).toBe(true);
    expect(isAtOrAbove(database, tree, "c", "c")).toBe(true);
    expect(isAtOrAbove(database, tree, "c", "a")).toBe(false);
    expect(isAtOrAbove(database, tree, "c", null)).toBe(false);
    expect(isAtOrAbove(database, tree, "a", "r")).toBe(false);
    database.close();
  });
});
