import type { RunEvent } from "../../engine/autosd.ts";
import { formatDuration } from "../../kernel/duration.ts";
import type { Paint } from "../paint.ts";
import { shortCommit, statusMark, statusNames } from "../render/story-marks.ts";
import { displayWidth, fit, printable } from "../text-width.ts";
import type { LiveGate, LiveState } from "./live-state.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const frameMs = 100;

/** What the lines depend on besides the state. */
export interface View {
  /** Monotonic. */
  readonly nowMs: number;
  readonly startedMs: number;
  readonly columns: number;
  readonly paint: Paint;
}

type Style = (text: string) => string;
/** A piece of a line; the style is put on after the line was cut to the terminal's width. */
type Piece = readonly [text: string, style: Style];

const plain: Style = (text) => text;

/** The lines that are painted over: what is built, its gates, what it is doing; one to three. */
export function liveLines(state: LiveState, view: View): readonly string[] {
  const { paint } = view;
  const frame = spinner[Math.floor((view.nowMs - view.startedMs) / frameMs) % spinner.length] ?? "";
  const elapsed = formatDuration(wholeSeconds(view.nowMs - view.startedMs));
  const { story } = state;
  if (story === undefined) {
    const doing = state.activity === "" ? "working" : state.activity;
    return [
      cut(
        [
          [`${frame} `, paint.cyan],
          [doing, plain],
          [`  ${elapsed}`, paint.dim],
        ],
        view,
      ),
    ];
  }
  const again = story.attempt > 1 ? `  attempt ${story.attempt}` : "";
  const head: readonly Piece[] = [
    [`${frame} `, paint.cyan],
    [`${story.position}/${story.total} `, paint.dim],
    [`${story.id} `, plain],
    [story.title, paint.bold],
    [again, paint.yellow],
    [`  ${formatDuration(wholeSeconds(view.nowMs - story.startedMs))}`, paint.dim],
  ];
  const gates = state.gates.flatMap((gate) => gatePieces(gate, frame, view));
  return [
    cut(head, view),
    ...(gates.length === 0 ? [] : [cut([["    ", plain], ...gates], view)]),
    ...(state.activity === "" ? [] : [cut([[`    ${state.activity}`, paint.dim]], view)]),
  ];
}

/** The line that an event leaves behind for good; undefined for what only the live lines show. */
export function finishedLine(
  event: RunEvent,
  view: Pick<View, "columns" | "paint">,
): string | undefined {
  const { paint } = view;
  switch (event.kind) {
    case "story-ended": {
      const mark = statusMark(event.status, paint);
      const commit = event.commit === undefined ? "" : `  ${shortCommit(event.commit)}`;
      const status = event.status === "done" ? "" : `  ${statusNames[event.status]}`;
      const reason = event.reason === undefined ? "" : `: ${event.reason}`;
      const time = `  ${formatDuration(event.durationMs)}`;
      return `${mark} ${cut(
        [
          [`${event.storyId} `, plain],
          [event.title, plain],
          [commit, paint.dim],
          [time, paint.dim],
          [status + reason, paint.yellow],
        ],
        { ...view, columns: view.columns - 2 },
      )}`;
    }
    case "gate-finished": {
      if (event.evidence.verdict === "green") return undefined;
      const { gate, verdict, finding } = event.evidence;
      return cut(
        [
          [`    ${gate} ${verdict} `, paint.red],
          [finding, paint.dim],
        ],
        view,
      );
    }
    case "notice":
      return cut([[`! ${event.message}`, paint.yellow]], view);
    default:
      return undefined;
  }
}

function gatePieces(gate: LiveGate, frame: string, view: View): readonly Piece[] {
  const { paint } = view;
  const name: Piece = [`${gate.name} `, paint.dim];
  if (gate.ended === undefined) {
    const elapsed = formatDuration(wholeSeconds(view.nowMs - gate.startedMs));
    return [name, [`${frame} ${elapsed}  `, paint.cyan]];
  }
  switch (gate.ended.verdict) {
    case "green":
      return [name, ["✓  ", paint.green]];
    case "red":
      return [name, ["✗  ", paint.red]];
    case "unavailable":
      return [name, ["?  ", paint.yellow]];
  }
}

/** One line that never reaches the last column: there, some terminals break the line. */
function cut(pieces: readonly Piece[], view: Pick<View, "columns">): string {
  let room = Math.max(1, view.columns - 1);
  let line = "";
  for (const [text, style] of pieces) {
    const shown = fit(printable(text), room);
    if (shown === "") continue;
    line += style(shown);
    room -= displayWidth(shown);
  }
  return line;
}

/** Tenths of a second would flicker. */
function wholeSeconds(durationMs: number): number {
  return Math.floor(durationMs / 1_000) * 1_000;
}
