import { createInterface } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import type { CliContext, Output } from "./context.ts";
import { type ColorWishes, wantsColor } from "./paint.ts";

/** What of the environment decides on how things look. */
export interface TerminalWishes extends ColorWishes {
  readonly COLUMNS?: string | undefined;
}

/** The three standard streams, as commands see them. */
export interface Terminal extends Pick<CliContext, "stdout" | "stderr" | "stdin"> {
  /** What the configuration says about colour; `auto` leaves it to the terminal. */
  setColor(mode: "auto" | "always" | "never"): void;
  /** Resolves when what was written to stdout has gone out; why it could not, undefined when it did. */
  flush(): Promise<Error | undefined>;
}

/** Cells of a line when neither the terminal nor COLUMNS says. */
const usualColumns = 80;

/**
 * The process's own streams. A reader that goes away (`| head`) is no error: `onReaderGone` is
 * called once and whatever is written afterwards is dropped.
 */
export function openTerminal(
  streams: {
    readonly stdin: ReadStream;
    readonly stdout: WriteStream;
    readonly stderr: WriteStream;
  },
  wishes: TerminalWishes,
  onReaderGone: () => void,
): Terminal {
  let mode: "auto" | "always" | "never" = "auto";
  let failure: Error | undefined;
  const colored = (stream: WriteStream) =>
    mode === "auto" ? wantsColor(wishes, stream.isTTY) : mode === "always";
  const stdout = openOutput(streams.stdout, wishes, colored, (error) => {
    if (isReaderGone(error)) onReaderGone();
    else failure ??= error;
  });
  const stderr = openOutput(streams.stderr, wishes, colored, () => undefined);
  return {
    stdout,
    stderr,
    stdin: {
      isTerminal: streams.stdin.isTTY,
      question: (prompt, signal) => ask(streams, prompt, signal),
    },
    setColor: (wanted) => {
      mode = wanted;
    },
    flush: () =>
      new Promise((resolve) => {
        streams.stdout.write("", (error) => {
          const ended = failure ?? error ?? undefined;
          resolve(ended !== undefined && isReaderGone(ended) ? undefined : ended);
        });
      }),
  };
}

function openOutput(
  stream: WriteStream,
  wishes: TerminalWishes,
  colored: (stream: WriteStream) => boolean,
  onError: (error: Error) => void,
): Output {
  let gone = false;
  stream.on("error", (error: Error) => {
    gone = true;
    onError(error);
  });
  return {
    write: (text) => {
      if (!gone) stream.write(text);
    },
    isTerminal: stream.isTTY,
    get color() {
      return colored(stream);
    },
    canRepaint: stream.isTTY && wishes.TERM !== "dumb",
    columns: () => columnsOf(stream, wishes),
  };
}

function columnsOf(stream: WriteStream, wishes: TerminalWishes): number {
  // Not a terminal, or one that does not know its size: then there is no such member, or it is 0.
  const known: number | undefined = stream.columns;
  if (known > 0) return known;
  const wished = Number(wishes.COLUMNS);
  return Number.isInteger(wished) && wished > 0 ? wished : usualColumns;
}

function isReaderGone(error: Error): boolean {
  return "code" in error && (error.code === "EPIPE" || error.code === "ECONNRESET");
}

/** Lines are edited by the terminal itself, so that Ctrl-C stays a signal. */
function ask(
  streams: { readonly stdin: ReadStream; readonly stderr: WriteStream },
  prompt: string,
  signal: AbortSignal,
): Promise<string> {
  const lines = createInterface({ input: streams.stdin, output: streams.stderr, terminal: false });
  return new Promise<string>((resolve, reject) => {
    const stop = () => reject(new Error("interrupted"));
    signal.addEventListener("abort", stop, { once: true });
    lines.once("line", resolve);
    // The end of the input is an answer too, and not a yes.
    lines.once("close", () => resolve(""));
    streams.stderr.write(prompt);
    if (signal.aborted) stop();
  }).finally(() => lines.close());
}
