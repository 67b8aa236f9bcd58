/** Identifiers come in through this port. */
export interface Ids {
  /** `<prefix>_` and 26 Crockford base32 characters (a ULID): sortable by creation time. */
  next(prefix: string): string;
}
