import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "../../state/migrations.ts";
import type { Tx } from "../../state/tx.ts";
import { type Database, openDatabase } from "./database.ts";

const isRoot = process.getuid?.() === 0;

describe("state database", () => {
  let folder: string;
  let home: string;
  const opened: Database[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "autosd-database-"));
    home = join(folder, "home");
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    await rm(folder, { recursive: true });
  });

  const open = async (busyTimeoutMs = 5_000): Promise<Database> => {
    const database = await openDatabase({ home, busyTimeoutMs });
    opened.push(database);
    return database;
  };
  const refusal = async (): Promise<unknown> => {
    try {
      await open();
    } catch (error) {
      return error;
    }
    throw new Error("it was opened");
  };
  const enlist = (database: Database, id: string, tx?: Tx): Promise<unknown> =>
    database.write(tx, (queries) =>
      queries
        .insertInto("projects")
        .values({
          id,
          title: id,
          directory: id,
          platform: "p",
          status: "open",
          health: "unknown",
          stories_done: 0,
          stories_total: 0,
          last_run_id: null,
          created_at_ms: 1,
          updated_at_ms: 1,
          search_text: id,
        })
        .execute(),
    );
  const count = async (database: Database): Promise<number> =>
    (await database.reader.selectFrom("projects").select("id").execute()).length;

  it("creates a private home and a private file", async () => {
    const database = await open();
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    await enlist(database, "a");
    for (const name of ["state.db", "state.db-wal", "state.db-shm"])
      expect((await stat(join(home, name))).mode & 0o777, name).toBe(0o600);
  });

  it("waits for the disk at every commit and reads while others write", async () => {
    const database = await open();
    const setting = async (name: string): Promise<unknown> => {
      const { rows } = await sql<object>`${sql.raw(`PRAGMA ${name}`)}`.execute(database.reader);
      return Object.values<unknown>({ ...rows[0] })[0];
    };
    expect(await setting("journal_mode")).toBe("wal");
    expect(
      await database.transaction(async (tx) => {
        const { rows } = await sql<object>`PRAGMA synchronous`.execute(database.within(tx));
        return Object.values<unknown>({ ...rows[0] })[0];
      }),
    ).toBe(2);
  });

  it("tightens its own home and file, and leaves a folder with other things in it alone", async () => {
    await mkdir(home, { mode: 0o755 });
    await (await open()).close();
    opened.length = 0;
    await chmod(home, 0o755);
    await chmod(join(home, "state.db"), 0o644);
    await (await open()).close();
    opened.length = 0;
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect((await stat(join(home, "state.db"))).mode & 0o777).toBe(0o600);
    home = join(folder, "shared");
    await mkdir(home, { mode: 0o755 });
    await writeFile(join(home, "letter.txt"), "");
    await open();
    expect((await stat(home)).mode & 0o777).toBe(0o755);
  });

  it("keeps what was committed and nothing of what was thrown away", async () => {
    const database = await open();
    await enlist(database, "kept");
    await expect(
      database.transaction(async (tx) => {
        await enlist(database, "lost", tx);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    const again = await open();
    expect(await count(again)).toBe(1);
  });

  it("shows readers the state before an open transaction, without making them wait", async () => {
    const database = await open();
    await database.transaction(async (tx) => {
      await enlist(database, "a", tx);
      expect(await count(database)).toBe(0);
    });
    expect(await count(database)).toBe(1);
  });

  it("queues transactions of one process behind each other", async () => {
    const database = await open();
    const order: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map((id) =>
        database.transaction(async (tx) => {
          order.push(`${id} begins`);
          await enlist(database, id, tx);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(`${id} ends`);
        }),
      ),
    );
    expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("goes on after a transaction that failed", async () => {
    const database = await open();
    await expect(database.transaction(() => Promise.reject(new Error("no")))).rejects.toThrow();
    await enlist(database, "a");
    expect(await count(database)).toBe(1);
  });

  it("refuses a transaction inside another one instead of waiting for itself, each time", async () => {
    const database = await open();
    for (let round = 0; round < 3; round += 1) {
      await expect(database.transaction(() => enlist(database, "a"))).rejects.toMatchObject({
        code: "AUTOSD-STATE-TX-MISUSED",
      });
      await Promise.all([enlist(database, `b${round}`), enlist(database, `c${round}`)]);
    }
    expect(await count(database)).toBe(6);
  });

  it("refuses a transaction that has ended, or that is of another database", async () => {
    const database = await open();
    const other = await openDatabase({ home: join(folder, "other") });
    opened.push(other);
    let left: Tx | undefined;
    await database.transaction(async (tx) => {
      left = tx;
      expect(() => other.within(tx)).toThrow(/another database/);
    });
    expect(left).toBeDefined();
    if (left !== undefined) await expect(enlist(database, "a", left)).rejects.toThrow(/its end/);
  });

  it("gives up on a lock that is never released, with a code of its own", async () => {
    const holder = await open();
    const database = await open(50);
    await holder.transaction(async () => {
      await expect(enlist(database, "a")).rejects.toMatchObject({
        code: "AUTOSD-STATE-BUSY",
        exitCode: 5,
        retryable: true,
      });
    });
    await enlist(database, "a");
  });

  it.each([
    ["NUL", "a\u0000b"],
    ["a lone surrogate", "a\ud800b"],
    ["a boolean", true],
    ["no number", Number.NaN],
  ])("refuses to store %s rather than change it", async (_what, value) => {
    const database = await open();
    await expect(sql`SELECT ${value} AS value`.execute(database.reader)).rejects.toMatchObject({
      code: "AUTOSD-STATE-VALUE-REFUSED",
    });
  });

  it("reports a full database and works again once there is room", async () => {
    const database = await open();
    const limit = (pages: number) =>
      database.transaction((tx) =>
        sql`${sql.raw(`PRAGMA max_page_count = ${pages}`)}`.execute(database.within(tx)),
      );
    await limit(1);
    const filler = "x".repeat(200_000);
    await expect(enlist(database, filler)).rejects.toMatchObject({
      code: "AUTOSD-DISK-FULL",
      exitCode: 5,
    });
    await limit(1_000_000);
    await enlist(database, filler);
    expect(await count(database)).toBe(1);
  });

  it("refuses a file that is not a database, and leaves it as it is", async () => {
    await mkdir(home, { mode: 0o700 });
    const text = "these are notes, not a database\n".repeat(200);
    await writeFile(join(home, "state.db"), text);
    expect(await refusal()).toMatchObject({ code: "AUTOSD-STATE-CORRUPT", exitCode: 6 });
    expect(await readFile(join(home, "state.db"), "utf8")).toBe(text);
  });

  it("refuses the database of another program", async () => {
    await mkdir(home, { mode: 0o700 });
    const other = new Libsql(join(home, "state.db"));
    other.exec("CREATE TABLE bookmarks (url TEXT)");
    other.close();
    expect(await refusal()).toMatchObject({ code: "AUTOSD-STATE-CORRUPT" });
  });

  it("reports a damaged page when it meets it", async () => {
    const first = await open();
    for (let index = 0; index < 50; index += 1) await enlist(first, `${index}${"x".repeat(3_000)}`);
    await first.transaction((tx) => sql`SELECT 1`.execute(first.within(tx)));
    await first.close();
    opened.length = 0;
    const file = join(home, "state.db");
    const raw = new Libsql(file);
    raw.pragma("wal_checkpoint(TRUNCATE)");
    raw.close();
    const bytes = await readFile(file);
    bytes.fill(0xff, 4_096 * 12);
    await writeFile(file, bytes);
    const database = await open();
    await expect(
      database.reader.selectFrom("projects").selectAll().execute(),
    ).rejects.toMatchObject({ code: "AUTOSD-STATE-CORRUPT", exitCode: 6 });
  });

  it("refuses a schema that is newer than this autosd", async () => {
    const database = await open();
    await database.transaction((tx) =>
      sql`${sql.raw(`PRAGMA user_version = ${migrations.length + 1}`)}`.execute(
        database.within(tx),
      ),
    );
    expect(await refusal()).toMatchObject({ code: "AUTOSD-STATE-NEWER", exitCode: 6 });
  });

  it("applies the migrations that a database lacks, and keeps its rows", async () => {
    await mkdir(home, { mode: 0o700 });
    const old = new Libsql(join(home, "state.db"));
    for (const statement of migrations[0]?.statements ?? []) old.exec(statement);
    old.exec(`INSERT INTO runs VALUES ('run_1','run',1,'/p','succeeded',NULL,NULL,NULL,1,1,1,0)`);
    old.exec("PRAGMA application_id = 0x61736431");
    old.exec("PRAGMA user_version = 1");
    old.close();
    const database = await open();
    expect(await count(database)).toBe(0);
    expect(await database.reader.selectFrom("runs").select("run_id").execute()).toEqual([
      { run_id: "run_1" },
    ]);
  });

  it.each(["folder", "file"])("refuses a %s that is a symbolic link", async (what) => {
    const target = join(folder, "target");
    if (what === "folder") {
      await mkdir(target, { mode: 0o700 });
      await symlink(target, home);
    } else {
      await mkdir(home, { mode: 0o700 });
      await writeFile(target, "");
      await symlink(target, join(home, "state.db"));
    }
    expect(await refusal()).toMatchObject({ code: "AUTOSD-STATE-HOME-UNSAFE", exitCode: 6 });
  });

  it("refuses a home that others may write to, and one that is a file", async () => {
    await mkdir(home);
    await chmod(home, 0o777);
    expect(await refusal()).toMatchObject({
      code: "AUTOSD-STATE-HOME-UNSAFE",
      remedy: `chmod go-rwx ${home}`,
    });
    home = join(folder, "plain");
    await writeFile(home, "");
    expect(await refusal()).toMatchObject({ code: "AUTOSD-STATE-HOME-UNSAFE" });
  });

  it("refuses a home of another user", async () => {
    if (isRoot) {
      await mkdir(home, { mode: 0o700 });
      await chown(home, 12_345, 12_345);
    } else {
      home = "/usr";
    }
    expect(await refusal()).toMatchObject({ code: "AUTOSD-STATE-HOME-UNSAFE" });
  });
});
