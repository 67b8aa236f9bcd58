/** One step of the schema's history. Applied once, in one transaction, and never edited after a release. */
export interface Migration {
  readonly id: string;
  readonly statements: readonly string[];
}

/** Marks the file as a state database of autosd (`asd1`); see SQLite's `application_id`. */
export const stateApplicationId = 0x61736431;

/** The schema's history, oldest first. Its length is the schema's version. Append only. */
export const migrations: readonly Migration[] = [
  {
    id: "0001-runs",
    statements: [
      `CREATE TABLE runs (
        run_id TEXT NOT NULL PRIMARY KEY,
        flow TEXT NOT NULL,
        version INTEGER NOT NULL,
        partition TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN
          ('pending', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
        input TEXT,
        output TEXT,
        error TEXT,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL,
        executions INTEGER NOT NULL,
        cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1))
      ) STRICT`,
      `CREATE INDEX runs_by_time ON runs (created_at_ms DESC, run_id DESC)`,
      `CREATE INDEX runs_by_partition ON runs (partition, created_at_ms DESC, run_id DESC)`,
      `CREATE INDEX runs_running ON runs (partition) WHERE status = 'running'`,
      `CREATE TABLE run_steps (
        run_id TEXT NOT NULL REFERENCES runs (run_id),
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN
          ('step', 'tx', 'effect', 'wait', 'sleep', 'now', 'id')),
        state TEXT NOT NULL CHECK (state IN ('intended', 'done', 'failed')),
        started_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER,
        deadline_ms INTEGER,
        output TEXT,
        error TEXT,
        PRIMARY KEY (run_id, position)
      ) STRICT`,
      `CREATE TABLE run_signals (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL REFERENCES runs (run_id),
        topic TEXT NOT NULL,
        payload TEXT,
        sent_at_ms INTEGER NOT NULL,
        taken_by INTEGER
      ) STRICT`,
      `CREATE INDEX run_signals_waiting ON run_signals (run_id, topic, seq) WHERE taken_by IS NULL`,
    ],
  },
  {
    id: "0002-projects",
    statements: [
      `CREATE TABLE projects (
        id TEXT NOT NULL PRIMARY KEY,
        title TEXT NOT NULL,
        directory TEXT NOT NULL,
        platform TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('open', 'retired')),
        health TEXT NOT NULL CHECK (health IN
          ('verified', 'incomplete', 'failed', 'running', 'unknown')),
        stories_done INTEGER NOT NULL,
        stories_total INTEGER NOT NULL,
        last_run_id TEXT,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL,
        search_text TEXT NOT NULL
      ) STRICT`,
      `CREATE INDEX projects_by_directory ON projects (directory)`,
      `CREATE INDEX projects_by_status ON projects (status, health, id)`,
      `CREATE INDEX projects_by_health ON projects (health, id)`,
      `CREATE INDEX projects_by_platform ON projects (platform, id)`,
    ],
  },
];
