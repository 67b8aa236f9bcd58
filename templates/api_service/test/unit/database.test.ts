import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SqlRow } from "../../src/storage/database.ts";
import { openDatabase } from "../../src/storage/open-database.ts";

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

  it("refuses what does not fit its rows in plain words, and leaves them as they were", () => {
    const before = openDatabase(file, [first]);
    before.run(insert, ["abc"]);
    before.close();
    const guarded = {
      ...second,
      guards: [{ count: "SELECT count(*) AS rows FROM notes", says: "notes have no author" }],
    };
    expect(() => openDatabase(file, [first, guarded])).toThrow(
      "the database was left as it was, 002 does not fit it: 1 notes have no author",
    );
    const broken = { ...second, sql: `${second.sql}; CREATE UNIQUE INDEX x ON nowhere (y)` };
    expect(() => openDatabase(file, [first, broken])).toThrow("002 does not fit it: ");
    const after = openDatabase(file, [first]);
    expect(after.first("SELECT * FROM notes")).toEqual({ sequence: 1, text: "abc" });
    after.close();
  });

  it("replaces a table that others refer to without losing them", () => {
    const links = {
      id: "002",
      sql: "CREATE TABLE links (note INTEGER NOT NULL REFERENCES notes (sequence) ON DELETE CASCADE) STRICT",
    };
    const renewed = (rows: string) => ({
      id: "003",
      sql: `CREATE TABLE notes_next (sequence INTEGER PRIMARY KEY, text TEXT) STRICT;
        INSERT INTO notes_next SELECT * FROM notes ${rows};
        DROP TABLE notes;
        ALTER TABLE notes_next RENAME TO notes`,
    });
    const before = openDatabase(file, [first, links]);
    before.run(insert, ["abc"]);
    before.run("INSERT INTO links (note) VALUES (1)");
    before.close();
    expect(() => openDatabase(file, [first, links, renewed("WHERE false")])).toThrow(
      "links would refer to notes that are not there",
    );
    const after = openDatabase(file, [first, links, renewed("")]);
    expect(after.all("SELECT * FROM links")).toEqual([{ note: 1 }]);
    expect(() => after.run("INSERT INTO links (note) VALUES (2)")).toThrow("FOREIGN KEY");
    after.close();
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
