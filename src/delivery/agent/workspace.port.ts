/**
 * The files of one attempt: a folder without `.git`, outside the user's checkout. Paths are relative,
 * with `/`, and are refused when they leave the root, pass a symbolic link, or name `.git`.
 */
export interface Workspace {
  /** Host folder; only adapters use it. */
  readonly root: string;
  /** The tree that the attempt started from (git tree id). */
  readonly baseTree: string;
  /** All file paths, sorted, without `node_modules` and other ignored build output. */
  list(): Promise<readonly string[]>;
  /** `undefined` when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  write(
    path: string,
    content: string | Uint8Array,
    options?: { executable?: boolean },
  ): Promise<void>;
  remove(path: string): Promise<void>;
}
