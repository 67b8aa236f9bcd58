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

/** What came of asking one witness. */
export type WitnessReply =
  | { readonly witness: string; readonly kind: "cosigned"; readonly atMs: number }
  | {
      readonly witness: string;
      /** `contradicted`: it has seen another log of this name. */
      readonly kind: "contradicted" | "refused" | "unavailable" | "not-asked";
      readonly message: string;
    };

/** What came of submitting the log's head to the witnesses of the policy. */
export interface WitnessRound {
  readonly checkpoint: Checkpoint;
  /** Verifier key that witnesses know the log by. */
  readonly vkey: string;
  readonly replies: readonly WitnessReply[];
  readonly isQuorum: boolean;
  /** Who else would have had to cosign; undefined when it was enough. */
  readonly missing: string | undefined;
  /** Whether one of them has seen another log of this name. */
  readonly contradicted: boolean;
}

/** The witnesses of this log, as its policy names them. */
export interface WitnessOverview {
  /** Where the policy is, or would be. */
  readonly path: string;
  /** Verifier key that witnesses know the log by; undefined before one was made. */
  readonly vkey: string | undefined;
  /** Undefined without a policy. */
  readonly witnesses:
    readonly { readonly name: string; readonly url: string | undefined }[] | undefined;
}

/** What people ask the audit trail. `addAnchor`, `submit` and `witnessKey` change something of it. */
export interface AuditCalls {
  /**
   * In order; damaged lines end it with AUTOSD-AUDIT-TAMPERED. Throws AUTOSD-AUDIT-QUERY for a kind
   * that there is not.
   */
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
  /**
   * The kept checkpoint that covers the first `size` entries with the fewest more. Throws
   * AUTOSD-AUDIT-QUERY when none does.
   */
  checkpointAt(size: number): Promise<{ readonly note: string; readonly checkpoint: Checkpoint }>;
  /**
   * Has the log's head cosigned by the witnesses of the policy, and keeps what they cosign. Throws
   * AUTOSD-AUDIT-WITNESSES when there is no valid policy.
   */
  submit(input: { readonly signal: AbortSignal }): Promise<WitnessRound>;
  witnesses(): Promise<WitnessOverview>;
  /** Verifier key to give to witnesses; made when there is none. */
  witnessKey(): Promise<string>;
}
