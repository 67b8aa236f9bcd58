/** Grants and keys in files that people name and hand over; `path` may be relative. */
export interface HandedFiles {
  /** Throws AUTOSD-PREAUTH-INPUT when there is none, or it has more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Whole: the old content or the new. Throws AUTOSD-PREAUTH-INPUT when it cannot be written. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}
