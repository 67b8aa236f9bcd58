import type { SchemaMigration } from "./database.ts";

/** The history of the schema. Add steps at the end; never change one that was released. */
export const migrations: readonly SchemaMigration[] = [];
