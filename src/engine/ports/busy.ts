import { isoTime } from "../../kernel/clock.ts";
import { directoryOf } from "../projects/partition.ts";
import { RunError } from "./errors.ts";
import type { LockHolder } from "./partition-lock.port.ts";

/** AUTOSD-RUN-BUSY: who works there, since when, and a command that shows what they do. */
export function busyWith(holder: LockHolder, partition: string): RunError {
  const { pid, runId, command, sinceMs } = holder;
  const who = pid === undefined ? "another process" : `process ${pid}`;
  const what = runId === undefined ? (command ?? "autosd") : `run ${runId}`;
  const since = sinceMs === undefined ? "" : `, since ${sinceText(sinceMs)}`;
  const place = directoryOf(partition);
  return new RunError("AUTOSD-RUN-BUSY", `${place} is being worked on: ${what} (${who}${since})`, {
    remedy: remedyFor(holder),
    details: { pid, runId, command, since: sinceMs, partition },
  });
}

function remedyFor({ pid, runId }: LockHolder): string {
  if (runId !== undefined) {
    const stop = pid === undefined ? "" : `, or stop process ${pid}`;
    return `Wait for it${stop}; what it does: autosd runs show ${runId}`;
  }
  const again = "Run the command again when it has ended";
  return pid === undefined ? `${again}.` : `${again}; it is shown by: ps -f -p ${pid}`;
}

/** What another process wrote: it may be any number. */
function sinceText(sinceMs: number): string {
  const isTime = Math.abs(sinceMs) <= 8_640_000_000_000_000;
  return isTime ? isoTime(sinceMs) : "an unknown time";
}
