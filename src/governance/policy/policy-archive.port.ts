/** Policies by digest: what a decision went by can be read again as long as the audit log lasts. */
export interface PolicyArchive {
  /** Durable before it resolves. The digest is of the text; keeping it again changes nothing. */
  keep(snapshot: string): Promise<void>;
  /** Undefined when there is none; throws AUTOSD-AUDIT-TAMPERED when the text is not of that digest. */
  read(digest: string): Promise<string | undefined>;
}
