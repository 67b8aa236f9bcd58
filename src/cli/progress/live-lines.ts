import type { RunEvent } from "../../engine/autosd.ts";
import { formatDuration } from "../../kernel/duration.ts";
import { createPaint, type Paint } from "../paint.ts";
import { shortCommit, statusMark, statusNames } from "../render/story-marks.ts";
import { displayWidth, fit, printable } from "../text-width.ts";
import type { LiveGate, LiveState } from "./live-state.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const frameMs = 100;
/** Cells that a title keeps whatever else wants to be shown. */
const narrowestTitle = 12;

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
  const { story } = state;
  if (story === undefined) {
    const doing: Piece = [state.activity === "" ? "working" : state.activity, plain];
    const elapsed: Piece = [elapsedSince(view.startedMs, view), paint.dim];
    return [cut([[`${frame} `, paint.cyan], doing, elapsed], view, doing)];
  }
  const again = story.attempt > 1 ? `  attempt ${story.attempt}` : "";
  const title: Piece = [story.title, paint.bold];
  const head: readonly Piece[] = [
    [`${frame} `, paint.cyan],
    [`${story.position}/${story.total} `, paint.dim],
    [`${story.id} `, plain],
    title,
    [again, paint.yellow],
    [elapsedSince(story.startedMs, view), paint.dim],
  ];
  const gates = state.gates.flatMap((gate) => gatePieces(gate, frame, view));
  return [
    cut(head, view, title),
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
    case "story-ended":
      return endedLine(event, view);
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

function endedLine(
  event: Extract<RunEvent, { kind: "story-ended" }>,
  view: Pick<View, "columns" | "paint">,
): string {
  const { paint } = view;
  const mark = statusMark(event.status, paint);
  const sign: Piece = [statusMark(event.status, createPaint(false)), () => mark];
  const status = event.status === "done" ? "" : `  ${statusNames[event.status]}`;
  const commit = event.commit === undefined ? "" : `  ${shortCommit(event.commit)}`;
  const title: Piece = [event.title, plain];
  const facts = cut(
    [
      sign,
      [` ${event.storyId} `, plain],
      title,
      [`${commit}  ${formatDuration(event.durationMs)}`, paint.dim],
      [status, paint.yellow],
    ],
    view,
    title,
  );
  // A reason is a sentence: it gets a line of its own.
  const why =
    event.reason === undefined ? "" : `\n${cut([[`  ${event.reason}`, paint.dim]], view)}`;
  return `${facts}${why}`;
}

function gatePieces(gate: LiveGate, frame: string, view: View): readonly Piece[] {
  const { paint } = view;
  const name: Piece = [`${gate.name} `, paint.dim];
  if (gate.ended === undefined) {
    return [name, [`${frame}${elapsedSince(gate.startedMs, view)}  `, paint.cyan]];
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

/**
 * One line that never reaches the last column: there, some terminals break the line. When it is too
 * long, `flexible` gives way first, so that what follows it stays to be seen.
 */
function cut(pieces: readonly Piece[], view: Pick<View, "columns">, flexible?: Piece): string {
  const width = Math.max(1, view.columns - 1);
  const rigid = pieces
    .filter((piece) => piece !== flexible)
    .reduce((sum, [text]) => sum + displayWidth(printable(text)), 0);
  let room = width;
  let line = "";
  for (const piece of pieces) {
    const [text, style] = piece;
    const most = piece === flexible ? Math.max(narrowestTitle, width - rigid) : room;
    const shown = fit(printable(text), Math.min(room, most));
    if (shown === "") continue;
    line += style(shown);
    room -= displayWidth(shown);
  }
  return line;
}

/** Whole seconds, after two spaces; nothing in the first second. Tenths would flicker. */
function elapsedSince(startMs: number, view: View): string {
  const seconds = Math.floor((view.nowMs - startMs) / 1_000);
  return seconds <= 0 ? "" : `  ${formatDuration(seconds * 1_000)}`;
}
