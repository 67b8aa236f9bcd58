// One of several processes that act through the door of one machine; may be told to die on the way.
import { appendFileSync, writeSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { createAuditLog } from "../../src/adapters/governance/create-audit-log.ts";
import { createCedarOverlay } from "../../src/adapters/governance/cedar.ts";
import { systemEntropy } from "../../src/adapters/governance/entropy.ts";
import { createGrantFiles } from "../../src/adapters/governance/grant-files.ts";
import { createHaltFiles } from "../../src/adapters/governance/halt-files.ts";
import { createKeyFiles } from "../../src/adapters/governance/key-files.ts";
import { createPolicyBlobs } from "../../src/adapters/governance/policy-blobs.ts";
import { createPolicyFiles } from "../../src/adapters/governance/policy-files.ts";
import { createSshAgent } from "../../src/adapters/governance/ssh-agent.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { readProjectPolicy } from "../../src/engine/policy/project-policy.ts";
import { recordedTrust } from "../../src/engine/preauth/trust-record.ts";
import { GovernanceError } from "../../src/governance/errors.ts";
import type { PrivilegedAction } from "../../src/governance/grants/action.ts";
import { Authorization } from "../../src/governance/policy/authorization.ts";
import type { Door } from "../../src/governance/policy/door.ts";
import { openDoor } from "../../src/governance/policy/open-door.ts";

/** What one process is told. */
export interface DoorOrders {
  readonly home: string;
  readonly project: string;
  /** The project's folder. */
  readonly directory: string;
  readonly grant: string;
  /** Where the acts leave their trace, outside the home. */
  readonly ledger: string;
  readonly worker: number;
  readonly attempts: number;
  /** Kill itself in the n-th act, from 1, that it has leave for: before it acts, or before it says so. */
  readonly die: { readonly at: number; readonly when: "before" | "after" } | null;
}

const orders = JSON.parse(process.argv[2] ?? "") as DoorOrders;
const log = createAuditLog({
  home: orders.home,
  logFile: join(orders.home, "audit.log.jsonl"),
  clock: systemClock,
  entropy: systemEntropy,
  lockTimeoutMs: 60_000,
});
const door = doorOf(orders);

writeSync(1, "READY\n");
await once(process.stdin, "data");
let acts = 0;
for (let attempt = 0; attempt < orders.attempts; attempt += 1)
  writeSync(1, `${await tryOnce(door, attempt)}\n`);
await log.close();
process.exit(0);

function doorOf({ home }: DoorOrders): Door {
  const keyring = createKeyFiles({
    home,
    entropy: systemEntropy,
    clock: systemClock,
    passphrase: { file: undefined, ask: undefined },
    agent: createSshAgent(undefined),
    recorded: async () => recordedTrust(log),
  });
  const reading = { source: createPolicyFiles(home), overlay: createCedarOverlay() };
  return openDoor({
    log,
    grants: createGrantFiles(home),
    halts: createHaltFiles(home),
    clock: systemClock,
    trust: () => keyring.trust(),
    policy: ({ action, directory }) =>
      readProjectPolicy(reading, { project: action.project, directory }),
    archive: createPolicyBlobs(home),
    sandbox: "isolated",
  });
}

async function tryOnce(through: Door, attempt: number): Promise<string> {
  const action: PrivilegedAction = {
    action: "push",
    project: orders.project,
    environment: null,
    target: null,
    commit: "3f2a1c9e0011223344556677889900aabbccddee",
    artifact: null,
    // Of this grant: an act of an earlier race would be a replay.
    run: `run-${orders.grant.slice(-8)}-${orders.worker}-${attempt}`,
  };
  const { grant, directory } = orders;
  const actor = { type: "agent", id: "autosd", run: action.run } as const;
  try {
    const leave = await through.authorize({ action, grant, actor, directory, ceilingMicrousd: 0 });
    acts += 1;
    const refusal = Authorization.spend(leave, { kind: "privileged", action });
    if (refusal !== undefined) return `REFUSED ${refusal}`;
    if (orders.die?.at === acts && orders.die.when === "before") killSelf();
    appendFileSync(orders.ledger, `${action.run}\n`);
    if (orders.die?.at === acts) killSelf();
    await through.settle(leave, { ok: true, result: null, costMicrousd: 0 });
    return `ACTED ${action.run}`;
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return `DENIED ${error.code} ${String(error.details["reason"])}`;
  }
}

/** SIGKILL to oneself takes effect before the next line is reached. */
function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
