import { describe, expect, it } from "vitest";
import { cursorOf, positionOf } from "../../src/http/cursor.ts";
import type { SqlValue } from "../../src/storage/database.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { ordersOf, type PagePosition, selectPage } from "../../src/storage/paging.ts";

const schema = {
  id: "001",
  sql: "CREATE TABLE things (sequence INTEGER PRIMARY KEY, a INTEGER, b TEXT) STRICT",
};

describe("paging", () => {
  const expressions = { a: "a", b: "b" };
  const rows: readonly (readonly SqlValue[])[] = [
    [1, "x"],
    [null, "y"],
    [2, null],
    [1, null],
    [null, null],
    [2, "x"],
    [1, "x"],
  ];

  it.each(["a", "-a", "a,b", "a,-b", "-a,b", "-a,-b", "b,a", ""])(
    "walks every row once by %j, whatever is absent",
    (sort) => {
      const database = openDatabase(":memory:", [schema]);
      for (const row of rows) database.run("INSERT INTO things (a, b) VALUES (?, ?)", row);
      const orders = sort === "" ? [] : ordersOf(sort, expressions);
      const source = { table: "things", selection: "sequence", conditions: [], orders };
      const whole = selectPage(database, source, { limit: 100, after: undefined });
      const walked: unknown[] = [];
      let after: PagePosition | undefined;
      do {
        const page = selectPage(database, source, { limit: 2, after });
        walked.push(...page.items.map((row) => row.sequence));
        after = page.next;
      } while (after !== undefined && walked.length < 100);
      expect(walked).toEqual(whole.items.map((row) => row.sequence));
      expect(new Set(walked).size).toBe(rows.length);
      database.close();
    },
  );

  it("knows only the names that may be sorted by", () => {
    expect(ordersOf("-a,constructor", expressions)).toEqual([
      { expression: "a", descending: true },
    ]);
  });

  it("takes a cursor back for the order that it was made for, and for no other", () => {
    const cursor = cursorOf("-a", [null, 3]) ?? "";
    expect(positionOf("-a", 2, cursor)).toEqual([null, 3]);
    expect(() => positionOf("a", 2, cursor)).toThrow("does not belong");
    expect(() => positionOf("-a", 3, cursor)).toThrow("does not belong");
    const forged = Buffer.from(JSON.stringify(["-a", { x: 1 }, 2])).toString("base64url");
    expect(() => positionOf("-a", 2, forged)).toThrow("does not belong");
  });
});
