import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { Actor } from "../../governance/audit/entry.ts";
import type { Keyring } from "../../governance/keys/keyring.port.ts";
import type { HaltSwitch } from "../../governance/policy/halt-switch.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";

/** What halting and resuming work with. */
export interface HaltServices {
  readonly halts: HaltSwitch;
  /** Opened when it is first needed: stopping must work when it cannot be opened. */
  readonly audit: () => Promise<Pick<AuditLog, "transact" | "facts">>;
  readonly keys: () => Promise<Pick<Keyring, "trust" | "signer">>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ids of the projects that are known here; asked when the switch is thrown. May fail. */
  readonly projects: () => Promise<readonly string[]>;
  /** Who calls: the user of this process. */
  readonly operator: string;
}

export function operatorActor(services: Pick<HaltServices, "operator">): Actor {
  return { type: "operator", id: services.operator };
}
