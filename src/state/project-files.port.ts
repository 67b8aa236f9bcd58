/** Some bytes of a file that may be growing. */
export interface FilePart {
  /** Empty at the end of the file. */
  readonly bytes: Uint8Array;
  /** Of the whole file, now. */
  readonly size: number;
  /** Another file under the same name has another one. */
  readonly identity: string;
}

/**
 * Files below `<project>/.autosd/`, by relative path with `/`. A path that is absolute, has `.` or
 * `..` or leads through a symbolic link is refused: AUTOSD-STATE-PATH-REFUSED. No room on the
 * disk: AUTOSD-DISK-FULL, and what was there before is unchanged.
 */
export interface ProjectFiles {
  /** For files that are too large to be held; undefined when absent. */
  readPart(
    project: string,
    path: string,
    offset: number,
    maxBytes: number,
  ): Promise<FilePart | undefined>;
  /** UTF-8 text, undefined when absent. */
  read(project: string, path: string): Promise<string | undefined>;
  /** Whole or not at all: temporary file, fsync, rename. Creates folders. */
  write(project: string, path: string, content: string): Promise<void>;
  /** One record a line, appended in one write and synced; concurrent writers lose nothing. */
  append(project: string, path: string, line: string): Promise<void>;
  /** Names of the files and folders directly in `folder` (`.`: `.autosd` itself), sorted; none when it is absent. */
  list(project: string, folder: string): Promise<readonly string[]>;
}
