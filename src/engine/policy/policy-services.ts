import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { DecisionInput } from "../../governance/policy/decision-input.ts";
import type { Door } from "../../governance/policy/door.ts";
import type { PolicyArchive } from "../../governance/policy/policy-archive.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { GrantStanding } from "../preauth/grant-calls.ts";
import type { PolicyReading } from "./project-policy.ts";

/** What questions about policy are answered with. Nothing of it writes. */
export interface PolicyServices extends PolicyReading {
  readonly archive: Pick<PolicyArchive, "read">;
  readonly door: () => Promise<Pick<Door, "evaluate">>;
  readonly audit: () => Promise<Pick<AuditLog, "facts" | "entry">>;
  /** Throws AUTOSD-AUDIT-TAMPERED when the entry that is there is not the one that was recorded. */
  confirmEntry(seq: number): Promise<void>;
  readonly grantStanding: (jti: string) => Promise<GrantStanding>;
  readonly clock: Clock;
  readonly sandbox: DecisionInput["sandbox"];
  /** Bytes of a file that somebody named; throws when it cannot be read or is larger. */
  readFile(file: string, maxBytes: number): Promise<Uint8Array>;
  /** Absolute path of a folder, links resolved. */
  resolve(directory: string): Promise<string>;
  /** Newest commit of the branch in a folder; undefined before the first and without a repository. */
  headOf(directory: string): Promise<string | undefined>;
  /** Project of which the folder is, when it is one. */
  projectAt(directory: string): Promise<string | undefined>;
  readonly cwd: string;
}
