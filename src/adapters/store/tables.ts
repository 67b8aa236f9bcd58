import type { Generated } from "kysely";
import type { RunStatus, StepRecord } from "../../engine/ports/run-engine.port.ts";
import type { ProjectHealth, ProjectStatus } from "../../state/projects.port.ts";

/** Rows as src/state/migrations.ts lays them out; CHECK constraints hold the unions. */
export interface RunsTable {
  run_id: string;
  flow: string;
  version: number;
  partition: string;
  status: RunStatus;
  input: string | null;
  output: string | null;
  error: string | null;
  created_at_ms: number;
  updated_at_ms: number;
  executions: number;
  cancel_requested: 0 | 1;
}

export interface RunStepsTable {
  run_id: string;
  position: number;
  name: string;
  kind: StepRecord["kind"];
  state: StepRecord["state"];
  started_at_ms: number;
  ended_at_ms: number | null;
  deadline_ms: number | null;
  output: string | null;
  error: string | null;
}

export interface RunSignalsTable {
  seq: Generated<number>;
  run_id: string;
  topic: string;
  payload: string | null;
  sent_at_ms: number;
  taken_by: number | null;
}

export interface ProjectsTable {
  id: string;
  title: string;
  directory: string;
  platform: string;
  status: ProjectStatus;
  health: ProjectHealth;
  stories_done: number;
  stories_total: number;
  last_run_id: string | null;
  created_at_ms: number;
  updated_at_ms: number;
  search_text: string;
}

/** The state database as Kysely sees it. */
export interface Tables {
  runs: RunsTable;
  run_steps: RunStepsTable;
  run_signals: RunSignalsTable;
  projects: ProjectsTable;
}
