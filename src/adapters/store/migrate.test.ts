import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrations } from "../../state/migrations.ts";
import { migrate } from "./migrate.ts";

let folder: string;
const opened: Libsql.Database[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-migrate-"));
});
afterEach(async () => {
  for (const database of opened.splice(0)) database.close();
  await rm(folder, { recursive: true });
});

function connect(file: string): Libsql.Database {
  const database = new Libsql(file);
  opened.push(database);
  database.pragma("journal_mode = WAL");
  return database;
}

/** Reads that tell whether a file is current: after the last one the lock is taken. */
const readsWithoutLock = 3;

it("takes a database that another process migrates between any two of its reads for what it is", () => {
  for (let moment = 1; moment < readsWithoutLock; moment += 1) {
    const file = join(folder, `state-${moment}.db`);
    const [mine, other] = [connect(file), connect(file)];
    let reads = 0;
    const watched = new Proxy(mine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...given: readonly unknown[]): unknown => {
          if (name === "prepare") {
            if (reads === moment) migrate(other, file);
            reads += 1;
          }
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
    migrate(watched, file);
    expect(reads).toBeGreaterThan(moment);
    expect(mine.pragma("user_version")).toEqual([{ user_version: migrations.length }]);
  }
});
