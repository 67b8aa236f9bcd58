import type { EntryFilter } from "../../governance/audit/audit-log.port.ts";
import type { Anchor, SignedCheckpoint } from "../../governance/audit/audit-trail.port.ts";
import type { Checkpoint } from "../../governance/audit/checkpoint.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import type { LogVerification } from "../../governance/audit/log-verification.ts";

export type { Anchor, SignedCheckpoint } from "../../governance/audit/audit-trail.port.ts";
export type { Checkpoint } from "../../governance/audit/checkpoint.ts";
export type { Entry } from "../../governance/audit/entry.ts";
export type { EntryFilter } from "../../governance/audit/audit-log.port.ts";
export type { LogVerification } from "../../governance/audit/log-verification.ts";

/** What people ask the audit trail. Only `addAnchor` changes anything of it. */
export interface AuditCalls {
  /** In order; damaged lines end it with AUTOSD-AUDIT-TAMPERED. */
  entries(filter: EntryFilter): AsyncIterable<Entry>;
  /**
   * The whole log against its keys, its anchors, the heads that grants pinned, the trust list, and
   * the checkpoints in `files`. Throws AUTOSD-PREAUTH-INPUT for a file that cannot be read.
   */
  verify(input: { readonly files: readonly string[] }): Promise<LogVerification>;
  /** The proof's text; written to `file` when one is given. */
  prove(input: { readonly seq: number; readonly file: string | undefined }): Promise<string>;
  /** Throws AUTOSD-AUDIT-QUERY when the log has not begun. */
  checkpoint(): Promise<SignedCheckpoint>;
  /** Writes the newest checkpoint to a file, to be kept where the log's owner cannot change it. */
  saveCheckpoint(file: string): Promise<SignedCheckpoint>;
  anchors(): Promise<readonly Anchor[]>;
  /** Throws AUTOSD-AUDIT-TAMPERED when the log does not extend the checkpoint in the file. */
  addAnchor(file: string): Promise<Checkpoint>;
}
