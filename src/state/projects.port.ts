import type { Tx } from "./tx.ts";

export type ProjectStatus = "open" | "retired";
/** How its newest run ended. */
export type ProjectHealth = "verified" | "incomplete" | "failed" | "running" | "unknown";

/** A project in the portfolio. */
export interface ProjectRecord {
  /** `^[a-z0-9][a-z0-9._-]{0,63}$` */
  readonly id: string;
  readonly title: string;
  readonly directory: string;
  readonly platform: string;
  readonly status: ProjectStatus;
  readonly health: ProjectHealth;
  readonly storiesDone: number;
  readonly storiesTotal: number;
  readonly lastRunId: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ProjectFilter {
  readonly status?: ProjectStatus;
  readonly health?: ProjectHealth;
  readonly platform?: string;
  /** Case-insensitive part of id or title. */
  readonly text?: string;
  readonly limit: number;
  /** The id after which to go on, in id order. */
  readonly after?: string;
}

export interface ProjectStore {
  /** Insert or replace by id; `createdAtMs` of an existing record is kept. In `tx` when given. */
  upsert(record: ProjectRecord, tx?: Tx): Promise<void>;
  get(id: string): Promise<ProjectRecord | undefined>;
  byDirectory(directory: string): Promise<ProjectRecord | undefined>;
  list(filter: ProjectFilter): Promise<readonly ProjectRecord[]>;
  /** Counts by status and health over all projects. */
  summary(): Promise<
    readonly {
      readonly status: ProjectStatus;
      readonly health: ProjectHealth;
      readonly count: number;
    }[]
  >;
  /** False when there is no open project of that id. */
  retire(id: string, atMs: number): Promise<boolean>;
}
