import type { LogFacts } from "../grants/log-facts.ts";
import type { Entry, EntryDraft } from "./entry.ts";

export interface EntryFilter {
  readonly project?: string;
  readonly action?: string;
  readonly grant?: string;
  readonly decision?: "allow" | "deny";
  readonly kind?: string;
  /** Epoch milliseconds, inclusive. */
  readonly sinceMs?: number;
  /** Epoch milliseconds, exclusive. */
  readonly untilMs?: number;
  /** The newest so many, in order; all without it. */
  readonly last?: number;
}

/** What a transaction of the log appends, decided while nobody else can append. */
export interface Decided<T> {
  readonly append: readonly EntryDraft[];
  readonly value: T;
}

/**
 * The audit trail. Whatever is returned was synced; what cannot be recorded throws
 * AUTOSD-AUDIT-UNWRITABLE, AUTOSD-AUDIT-LOCKED or AUTOSD-AUDIT-TAMPERED, and must not be done.
 */
export interface AuditLog {
  /**
   * Under the log's lock: shows the facts of the very tail to `work`, appends what it decides and
   * syncs it. `work` must be short and must not call the log. When it throws, nothing is appended.
   */
  transact<T>(
    work: (facts: LogFacts) => Promise<Decided<T>>,
  ): Promise<{ readonly value: T; readonly entries: readonly Entry[] }>;
  /** Facts without the lock and without writing anything: for showing and explaining. */
  facts(): Promise<LogFacts>;
  /** In order. Reads only. */
  entries(filter: EntryFilter): AsyncIterable<Entry>;
  /** Undefined beyond the end. */
  entry(seq: number): Promise<Entry | undefined>;
}
