/** A read-only look at a project's files, by relative path. */
export interface ProjectSnapshot {
  readonly paths: readonly string[];
  /** UTF-8 text, or undefined when absent. */
  readText(path: string): Promise<string | undefined>;
}
