import { type Selectable, sql } from "kysely";
import { folded, searchText } from "../../state/project-search.ts";
import type { ProjectFilter, ProjectRecord, ProjectStore } from "../../state/projects.port.ts";
import type { Tx } from "../../state/tx.ts";
import type { Database } from "./database.ts";
import type { ProjectsTable } from "./tables.ts";

/** The portfolio in the state database. */
export function createProjectStore(database: Database): ProjectStore {
  return {
    async upsert(record: ProjectRecord, tx?: Tx) {
      const row = rowOf(record);
      await database.write(tx, (queries) =>
        queries
          .insertInto("projects")
          .values(row)
          .onConflict((conflict) =>
            conflict.column("id").doUpdateSet((existing) => ({
              ...row,
              created_at_ms: existing.ref("projects.created_at_ms"),
            })),
          )
          .execute(),
      );
    },

    async get(id) {
      const row = await database.reader
        .selectFrom("projects")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },

    async byDirectory(directory) {
      const row = await database.reader
        .selectFrom("projects")
        .selectAll()
        .where("directory", "=", directory)
        .orderBy("status")
        .orderBy("updated_at_ms", "desc")
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },

    list: (filter) => listProjects(database, filter),

    summary: () =>
      database.reader
        .selectFrom("projects")
        .select(["status", "health", (row) => row.fn.countAll<number>().as("count")])
        .groupBy(["status", "health"])
        .orderBy("status")
        .orderBy("health")
        .execute(),

    retire: (id, atMs) =>
      database.write(undefined, async (queries) => {
        const result = await queries
          .updateTable("projects")
          .set({ status: "retired", updated_at_ms: atMs })
          .where("id", "=", id)
          .where("status", "=", "open")
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      }),
  };
}

async function listProjects(
  database: Database,
  filter: ProjectFilter,
): Promise<readonly ProjectRecord[]> {
  let query = database.reader.selectFrom("projects").selectAll().orderBy("id").limit(filter.limit);
  if (filter.after !== undefined) query = query.where("id", ">", filter.after);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.health !== undefined) query = query.where("health", "=", filter.health);
  if (filter.platform !== undefined) query = query.where("platform", "=", filter.platform);
  if (filter.text !== undefined)
    query = query.where(sql<number>`instr(search_text, ${folded(filter.text)})`, ">", 0);
  return (await query.execute()).map(recordOf);
}

function rowOf(record: ProjectRecord): ProjectsTable {
  return {
    id: record.id,
    title: record.title,
    directory: record.directory,
    platform: record.platform,
    status: record.status,
    health: record.health,
    stories_done: record.storiesDone,
    stories_total: record.storiesTotal,
    last_run_id: record.lastRunId ?? null,
    created_at_ms: record.createdAtMs,
    updated_at_ms: record.updatedAtMs,
    search_text: searchText(record),
  };
}

function recordOf(row: Selectable<ProjectsTable>): ProjectRecord {
  return {
    id: row.id,
    title: row.title,
    directory: row.directory,
    platform: row.platform,
    status: row.status,
    health: row.health,
    storiesDone: row.stories_done,
    storiesTotal: row.stories_total,
    lastRunId: row.last_run_id ?? undefined,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
