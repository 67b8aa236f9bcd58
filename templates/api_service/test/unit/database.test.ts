import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type SqlRow } from "../../src/storage/database.ts";

const first = {
  id: "001",
  sql: "CREATE TABLE notes (sequence INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
};
const second = {
  id: "002",
  sql: "ALTER TABLE notes ADD COLUMN length INTEGER",
  fills: [
    { table: "notes", column: "length", from: (row: SqlRow) => String(row.text ?? "").length },
  ],
};
const insert = "INSERT INTO notes (text) VALUES (?)";

describe("the database", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "database-"));
    file = join(folder, "data", "test.db");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps its rows and runs new migrations only", () => {
    const before = openDatabase(file, [first]);
    before.run(insert, ["abc"]);
    before.close();
    const after = openDatabase(file, [first, second]);
    expect(after.first("SELECT * FROM notes")).toMatchObject({ text: "abc", length: 3 });
    after.close();
  });

  it("refuses a database that is newer than itself", () => {
    openDatabase(file, [first, second]).close();
    expect(() => openDatabase(file, [first])).toThrow("newer than this service");
  });

  it("undoes all of a transaction that fails", () => {
    const database = openDatabase(":memory:", [first]);
    const work = () => {
      database.run(insert, ["abc"]);
      throw new Error("stop");
    };
    expect(() => database.transaction(work)).toThrow("stop");
    expect(database.all("SELECT * FROM notes")).toEqual([]);
    database.close();
    expect(database.answers()).toBe(false);
  });
});
