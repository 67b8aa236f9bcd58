/** A sprint as it is kept in a project's records. */
export interface SprintRecord {
  readonly schema: "autosd/sprint@1";
  /** `sprint-1`, `sprint-2`, ... */
  readonly id: string;
  readonly goal: string;
  readonly status: "planned" | "active" | "reviewed" | "closed";
  readonly stories: readonly string[];
  readonly plannedPoints: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** What a sprint brought. */
export interface SprintReview {
  readonly sprint: string;
  /** Computed from recorded evidence only. */
  readonly stories: readonly {
    readonly id: string;
    readonly title: string;
    readonly done: boolean;
    /** Why not; empty when done. */
    readonly missing: readonly string[];
  }[];
  readonly donePoints: number;
  readonly definitionOfDone: boolean;
}

/** Figures of all sprints of a project. */
export interface SprintMetrics {
  readonly sprints: readonly {
    readonly id: string;
    readonly plannedPoints: number;
    readonly donePoints: number;
    readonly storiesDone: number;
    readonly storiesTotal: number;
    readonly firstAttemptGreen: number;
    readonly attempts: number;
    readonly durationMs: number | null;
  }[];
  /** Mean done points of the last three closed sprints; null without history. */
  readonly velocity: number | null;
  readonly runSuccess: number | null;
}
