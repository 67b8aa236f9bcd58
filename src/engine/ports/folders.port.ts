/** What the flows need to know about folders of the machine. */
export interface Folders {
  /** Absolute path without symbolic links as far as it exists; `~` is not expanded (the shell's work). */
  resolve(path: string): Promise<string>;
  /** False when the path, or what it stands below, exists and is no folder. */
  mayBeFolder(path: string): Promise<boolean>;
  /** Creates the folder when absent and proves by a file that it can be written. Throws AUTOSD-DISK-FULL, nothing else. */
  makeWritable(
    path: string,
  ): Promise<
    { readonly kind: "writable" } | { readonly kind: "unwritable"; readonly reason: string }
  >;
}
