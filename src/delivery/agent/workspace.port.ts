import type { Read } from "./read-set.ts";

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
  /**
   * Present while somebody keeps what the attempt reads: then `list` and `read` count as reads of
   * everything that they give. Who knows better works on `files` and says what it has seen.
   */
  readonly witness?: ReadWitness | undefined;
}

/** Whoever keeps what an attempt reads. */
export interface ReadWitness {
  /** The same files; nothing that is done with them counts as a read, but what is written. */
  readonly files: Workspace;
  saw(read: Read): void;
}
