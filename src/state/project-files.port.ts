/** Files below `<project>/.autosd/`, by relative path. */
export interface ProjectFiles {
  /** UTF-8 text, undefined when absent. */
  read(project: string, path: string): Promise<string | undefined>;
  /** Whole or not at all: temporary file, fsync, rename. Creates folders. */
  write(project: string, path: string, content: string): Promise<void>;
  /** One record a line, appended in one write and synced; concurrent writers lose nothing. */
  append(project: string, path: string, line: string): Promise<void>;
  list(project: string, folder: string): Promise<readonly string[]>;
}
