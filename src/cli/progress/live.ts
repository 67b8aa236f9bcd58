import type { CliContext } from "../context.ts";
import { createPaint } from "../paint.ts";
import { finishedLine, liveLines } from "./live-lines.ts";
import { after, idle } from "./live-state.ts";
import type { Progress } from "./shown.ts";

const repaintIntervalMs = 100;
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const clearBelow = "\u001b[J";

/**
 * A few lines at the bottom of the terminal that are painted over, at most ten times a second;
 * what is finished scrolls away above them. The cursor comes back when the process ends, however
 * it ends.
 */
export function createLiveProgress(
  context: Pick<CliContext, "stderr" | "clock" | "every" | "atExit">,
): Progress {
  const { stderr, clock } = context;
  const paint = createPaint(stderr.color);
  const startedMs = clock.monotonicMs();
  let state = idle;
  let finished: string[] = [];
  let paintedLines = 0;
  let closed = false;
  const erase = () => `${paintedLines > 1 ? `\u001b[${paintedLines - 1}A` : ""}\r${clearBelow}`;
  const above = () => finished.map((line) => `${line}\n`).join("");
  const repaint = () => {
    const view = { nowMs: clock.monotonicMs(), startedMs, columns: stderr.columns(), paint };
    const lines = liveLines(state, view);
    // One write a frame: a frame that is written in pieces flickers.
    stderr.write(`${erase()}${above()}${lines.join("\n")}`);
    finished = [];
    paintedLines = lines.length;
  };
  const restore = () => {
    if (closed) return;
    closed = true;
    stderr.write(`${erase()}${above()}${showCursor}`);
  };
  stderr.write(hideCursor);
  const stopTimer = context.every(repaintIntervalMs, repaint);
  const forget = context.atExit(restore);
  return {
    observe: (event) => {
      state = after(state, event, clock.monotonicMs());
      const line = finishedLine(event, { columns: stderr.columns(), paint });
      if (line !== undefined) finished.push(line);
    },
    close: () => {
      stopTimer();
      restore();
      forget();
    },
  };
}
