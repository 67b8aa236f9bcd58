import type { RunEvent } from "../../engine/autosd.ts";
import { formatDuration } from "../../kernel/duration.ts";
import type { CliContext } from "../context.ts";
import { shortCommit, statusNames } from "../render/story-marks.ts";
import { printable } from "../text-width.ts";
import type { Progress } from "./shown.ts";

/** One line an event on stderr, each with the time since the start. */
export function createPlainProgress(context: Pick<CliContext, "stderr" | "clock">): Progress {
  const { stderr, clock } = context;
  const startedMs = clock.monotonicMs();
  return {
    observe: (event) => {
      const line = plainLine(event);
      if (line === undefined) return;
      const elapsed = formatDuration(clock.monotonicMs() - startedMs);
      stderr.write(`[${elapsed}] ${printable(line)}\n`);
    },
    close: () => undefined,
  };
}

/** The line of an event; undefined for what is told by another line. */
function plainLine(event: RunEvent): string | undefined {
  switch (event.kind) {
    case "phase":
      return event.detail === "" ? event.phase : `${event.phase}: ${event.detail}`;
    case "story-started": {
      const again = event.attempt > 1 ? `, attempt ${event.attempt}` : "";
      return `story ${event.position}/${event.total} ${event.storyId} ${event.title}${again}`;
    }
    case "activity":
      return `  ${event.message}`;
    case "gate-started":
      return undefined;
    case "gate-finished": {
      const { gate, verdict, durationMs, finding } = event.evidence;
      return `  gate ${gate} ${verdict} in ${formatDuration(durationMs)}: ${finding}`;
    }
    case "story-ended": {
      const commit = event.commit === undefined ? "" : ` as ${shortCommit(event.commit)}`;
      const reason = event.reason === undefined ? "" : `: ${event.reason}`;
      return `${event.storyId} is ${statusNames[event.status]}${commit} after ${formatDuration(event.durationMs)}${reason}`;
    }
    case "notice":
      return `note: ${event.message}`;
  }
}
