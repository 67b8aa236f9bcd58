import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process and when it started, so that a reused id is not taken for it. */
interface Member {
  readonly pid: number;
  readonly startTicks: string;
}

interface Entry extends Member {
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  readonly dead: boolean;
}

export interface KillTreeOptions {
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** After SIGKILL: a process in an uninterruptible wait dies only when the kernel lets it. */
  readonly deadlineMs: number;
}

/** Looking at all processes costs milliseconds: quick at first, then seldom. */
const firstPollMs = 5;
const maxPollMs = 100;

/**
 * Ends the process group that `rootPid` leads, and on Linux every descendant that left it (another
 * group, another session) as long as its chain of parents was alive at the call or later. SIGTERM,
 * then SIGKILL. Resolves when none is alive or `deadlineMs` after the SIGKILL; never rejects.
 */
export async function killTree(rootPid: number, options: KillTreeOptions): Promise<void> {
  const family = new Map<number, Member>();
  signalFamily(rootPid, family, "SIGTERM");
  if (await familyIsGone(rootPid, family, options.graceMs, undefined)) return;
  signalFamily(rootPid, family, "SIGKILL");
  await familyIsGone(rootPid, family, options.deadlineMs, "SIGKILL");
}

/** SIGKILL to the group and its descendants at once, without waiting. For a process about to exit. */
export function killTreeNow(rootPid: number): void {
  signalFamily(rootPid, new Map(), "SIGKILL");
}

/** Looks until nobody of the family is alive; with `again`, signals whoever appeared meanwhile. */
async function familyIsGone(
  rootPid: number,
  family: Map<number, Member>,
  waitMs: number,
  again: NodeJS.Signals | undefined,
): Promise<boolean> {
  const endMs = performance.now() + waitMs;
  for (let pollMs = firstPollMs; ; pollMs = Math.min(maxPollMs, pollMs * 1.5)) {
    const alive = updateFamily(rootPid, family);
    if (!alive) return true;
    if (performance.now() >= endMs) return false;
    if (again !== undefined) signalFamily(rootPid, family, again);
    await delay(pollMs);
  }
}

function signalFamily(rootPid: number, family: Map<number, Member>, signal: NodeJS.Signals): void {
  updateFamily(rootPid, family);
  send(-rootPid, signal);
  for (const member of family.values()) send(member.pid, signal);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: already gone. EPERM: a program with another user's rights, which cannot be ended from here.
    return false;
  }
}

/** Adds new descendants, drops the dead; true while any is alive. */
function updateFamily(rootPid: number, family: Map<number, Member>): boolean {
  const table = processTable();
  if (table === undefined) return send(-rootPid, 0);
  for (const [pid, member] of family) {
    const entry = table.get(pid);
    if (entry === undefined || entry.dead || entry.startTicks !== member.startTicks)
      family.delete(pid);
  }
  let grew = true;
  while (grew) {
    grew = false;
    for (const entry of table.values()) {
      if (entry.dead || family.has(entry.pid) || !belongs(entry, rootPid, family)) continue;
      family.set(entry.pid, { pid: entry.pid, startTicks: entry.startTicks });
      grew = true;
    }
  }
  return family.size > 0;
}

function belongs(entry: Entry, rootPid: number, family: ReadonlyMap<number, Member>): boolean {
  return (
    entry.pid === rootPid ||
    entry.groupId === rootPid ||
    entry.sessionId === rootPid ||
    family.has(entry.parentPid)
  );
}

/** All processes of the machine; undefined where there is no /proc. */
function processTable(): Map<number, Entry> | undefined {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return undefined;
  }
  const table = new Map<number, Entry>();
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const entry = readEntry(Number(name));
    if (entry !== undefined) table.set(entry.pid, entry);
  }
  return table.size > 0 ? table : undefined;
}

function readEntry(pid: number): Entry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The program's name is in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parentPid, groupId, sessionId] = fields;
  const startTicks = fields[19];
  if (sessionId === undefined || startTicks === undefined) return undefined;
  return {
    pid,
    startTicks,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    dead: state === "Z" || state === "X",
  };
}
