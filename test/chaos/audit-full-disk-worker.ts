// Asks the door for one action after the other on a disk without room; told where in one argument.
import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createAuditLog } from "../../src/adapters/governance/create-audit-log.ts";
import type { AuditTrail } from "../../src/governance/audit/audit-trail.port.ts";
import { GovernanceError } from "../../src/governance/errors.ts";
import type { PrivilegedAction } from "../../src/governance/grants/action.ts";
import { createGovernedPlace, policyOf } from "../support/governed-place.ts";

export interface FullDiskOrders {
  /** The folder of a disk that may be filled, and one elsewhere. */
  readonly small: string;
  readonly large: string;
}

/** What happened at one place of the files and with so many pages left. */
export interface FullDiskOutcome {
  readonly name: string;
  readonly grantedBeforeFull: number;
  readonly code: string | undefined;
  readonly isLogAsBefore: boolean;
  readonly failuresWhileFull: readonly string[];
  readonly usesWhileFull: number;
  readonly grantedAfterwards: boolean;
  readonly failuresAfterwards: readonly string[];
  readonly usesAfterwards: number;
}

const pageBytes = 4_096;
/** More than there are entries between two kept states: those need most room at once. */
const maxAttempts = 300;

/** Takes all room but so many pages. */
function fill(file: string, pagesLeft: number): void {
  const ballast = openSync(file, "w", 0o600);
  let size = 0;
  try {
    for (;;) size += writeSync(ballast, Buffer.alloc(pageBytes, 1));
  } catch {
    ftruncateSync(ballast, Math.max(0, size - pagesLeft * pageBytes));
  } finally {
    closeSync(ballast);
  }
}

async function failuresOf(log: AuditTrail): Promise<readonly string[]> {
  const { failures } = await log.verify({ genesis: undefined, pins: [], checkpoints: [] });
  return failures.map(({ message }) => message);
}

async function outcomeOf(of: {
  readonly name: string;
  readonly small: string;
  readonly home: string;
  readonly logFile: string;
  readonly pagesLeft: number;
}): Promise<FullDiskOutcome> {
  const opened: AuditTrail[] = [];
  const place = createGovernedPlace(policyOf(), (clock) => {
    const entropy = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
    const log = createAuditLog({ home: of.home, logFile: of.logFile, clock, entropy });
    opened.push(log);
    return log;
  });
  const [log] = opened;
  if (log === undefined) throw new Error("no log was opened");
  await log.ensureGenesis();
  const jti = await place.issue({ budget: { uses: 1_000, spend_microusd: 0, min_interval_s: 0 } });
  let asked = 0;
  const ask = async (): Promise<void> => {
    asked += 1;
    const action: PrivilegedAction = {
      ...{ action: "push", project: "sample", environment: null, target: null, artifact: null },
      ...{ commit: "3f2a1c9e0011223344556677889900aabbccddee", run: `run_${asked}` },
    };
    await place.door.authorize(place.request(action, jti));
  };
  await ask();
  const ballast = join(of.small, "ballast");
  fill(ballast, of.pagesLeft);
  let granted = 1;
  let refusal: unknown;
  let before = Buffer.alloc(0);
  for (let attempt = 0; attempt < maxAttempts && refusal === undefined; attempt += 1) {
    before = readFileSync(of.logFile);
    try {
      await ask();
      granted += 1;
    } catch (error) {
      refusal = error;
    }
  }
  const isLogAsBefore = readFileSync(of.logFile).equals(before);
  const failuresWhileFull = await failuresOf(log);
  const usesWhileFull = (await log.facts()).usageOf(jti).uses;
  rmSync(ballast);
  await ask();
  await log.close();
  return {
    name: of.name,
    grantedBeforeFull: granted,
    code: refusal instanceof GovernanceError ? refusal.code : String(refusal),
    ...{ isLogAsBefore, failuresWhileFull, usesWhileFull },
    grantedAfterwards: true,
    failuresAfterwards: await failuresOf(log),
    usesAfterwards: (await log.facts()).usageOf(jti).uses,
  };
}

const { small, large } = JSON.parse(process.argv[2] ?? "") as FullDiskOrders;
const outcomes: FullDiskOutcome[] = [];
for (const where of ["both", "log", "signatures"] as const)
  for (const pagesLeft of [0, 1, 2, 3]) {
    const name = `${where}-${pagesLeft}`;
    const [on, off] = [join(small, name), join(large, name)];
    for (const folder of [on, off]) await mkdir(folder, { mode: 0o700 });
    const home = where === "log" ? off : on;
    const logFile = join(where === "signatures" ? off : on, "audit.log.jsonl");
    outcomes.push(await outcomeOf({ ...{ name, small, home, logFile, pagesLeft } }));
    await rm(on, { recursive: true });
  }
process.stdout.write(JSON.stringify(outcomes));
