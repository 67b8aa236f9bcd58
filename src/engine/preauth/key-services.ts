import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { Keyring } from "../../governance/keys/keyring.port.ts";
import type { Clock } from "../../kernel/clock.ts";

/** The log, and what it is called before its first entry. */
export interface GenesisLog extends AuditLog {
  /** Makes the log's first key when there is none. */
  ensureGenesis(): Promise<{ readonly origin: string; readonly vkey: string }>;
}

/** Files that people name: grants, trust lists and public keys that came by other means. */
export interface SharedFiles {
  /** Throws AUTOSD-PREAUTH-INPUT when there is none, or it has more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
}

/** What the calls about keys are made of. */
export interface KeyServices {
  readonly keyring: Keyring;
  /** Opened when a call needs it: checking a file needs none. */
  readonly log: () => Promise<GenesisLog>;
  readonly files: SharedFiles;
  readonly clock: Clock;
}
