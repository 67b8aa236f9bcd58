import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { pino as createPino, Logger } from "pino";
import { isoTime, type Clock } from "../../kernel/clock.ts";
import { DiskFullError } from "../../kernel/errors.ts";
import type { Log, LogFields } from "../../kernel/log.ts";
import { redactText, redactValue } from "../../kernel/redaction.ts";
import { isOutOfRoom } from "../../machine/error-code.ts";

export interface LogOptions {
  /** Absolute. Created 0600, its folder 0700; only ever appended to. */
  readonly file: string;
  /** Writes debug lines too. */
  readonly verbose: boolean;
  readonly clock: Clock;
  /** Applied to the fields of each line. Default: `redactValue`. */
  readonly redact?: (value: unknown) => unknown;
  /** Told once, when the file cannot be written: a log that fails never ends the work. */
  readonly onFailure?: (error: Error) => void;
}

export interface FileLog extends Log {
  /** Lets go of the file; a later line opens it again. */
  close(): void;
}

/** Longer lines are replaced by their beginning: one line is one write, which other processes cannot tear. */
const maxLineChars = 262_144;

/** How often, and how far apart, an end inside a line is looked at before it counts as cut. */
const maxLooks = 5;
const lookIntervalMs = 4;
const stillness = new Int32Array(new SharedArrayBuffer(4));

/**
 * JSON lines, each in the file before the call returns, so that a kill loses nothing. Several
 * processes may write to one file. Costs nothing until the first line: neither the file nor the
 * logging library is opened before.
 */
export function openLog(options: LogOptions): FileLog {
  const file = new AppendedFile(options.file, options.onFailure ?? (() => undefined));
  const redact = options.redact ?? redactValue;
  let logger: Logger | undefined;
  const write = (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: LogFields,
  ): void => {
    if (level === "debug" && !options.verbose) return;
    try {
      logger ??= createLogger(options, file);
      const text = redactText(message);
      if (fields === undefined) logger[level](text);
      else logger[level](redact(fields), text);
    } catch (error) {
      file.fail(error);
    }
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    close: () => file.close(),
  };
}

function createLogger(options: LogOptions, file: AppendedFile): Logger {
  // Loaded here, not at the top: commands that log nothing do not pay for it.
  const load: (id: string) => unknown = createRequire(import.meta.url);
  const pino = load("pino");
  if (!isPino(pino)) throw new TypeError("the installed pino is not usable");
  return pino(
    {
      level: options.verbose ? "debug" : "info",
      base: { pid: process.pid },
      timestamp: () => `,"time":"${isoTime(options.clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Fields stay apart from the line's own members, whatever they are called.
      nestedKey: "fields",
    },
    file,
  );
}

function isPino(value: unknown): value is typeof createPino {
  return typeof value === "function";
}

/** A file opened at the first line. Each line is one append, whole or, on a full disk, closed off. */
class AppendedFile {
  readonly #path: string;
  readonly #onFailure: (error: Error) => void;
  #descriptor: number | undefined;
  #failed = false;
  /** The last line was cut by a full disk or a kill: the next begins on a line of its own. */
  #torn = false;

  constructor(path: string, onFailure: (error: Error) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
  }

  write(line: string): void {
    try {
      const whole = line.length <= maxLineChars ? line : `${shortened(line)}\n`;
      this.#append(whole);
    } catch (error) {
      this.fail(error);
    }
  }

  #append(line: string): void {
    const descriptor = this.#descriptor ?? this.#open();
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    const written = writeSync(descriptor, bytes);
    this.#torn = written < bytes.length;
    if (!this.#torn) return;
    const rest = writeSync(descriptor, bytes, written);
    this.#torn = written + rest < bytes.length;
  }

  #open(): number {
    this.#descriptor = open(this.#path);
    this.#torn = endsInsideALine(this.#path);
    return this.#descriptor;
  }

  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    try {
      this.#onFailure(shown(error, this.#path));
    } catch {
      // Whoever is told about a failing log must not turn it into a failing command.
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    try {
      closeSync(descriptor);
    } catch (error) {
      this.fail(error);
    }
  }
}

/** In autosd's words where it has some. */
function shown(error: unknown, path: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return isOutOfRoom(error) ? new DiskFullError(dirname(path), { cause: error }) : error;
}

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
  // O_NONBLOCK: a named pipe without a reader is an error then, not a wait for ever.
  return openSync(path, O_APPEND | O_CREAT | O_NONBLOCK | O_WRONLY, 0o600);
}

/**
 * Whether a write was cut there. A line that another process is writing just now looks the same, but
 * goes on: only an end that stays where it is counts.
 */
function endsInsideALine(path: string): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const last = Buffer.alloc(1);
    let cutAt = -1;
    for (let looks = 0; looks < maxLooks; looks += 1) {
      const { size } = fstatSync(descriptor);
      if (size === 0 || readSync(descriptor, last, 0, 1, size - 1) !== 1) return false;
      if (last.toString() === "\n") return false;
      if (size !== cutAt) looks = 0;
      cutAt = size;
      Atomics.wait(stillness, 0, 0, lookIntervalMs);
    }
    return true;
  } catch {
    // A file that may be written but not read: appended to as it is.
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Still one line of JSON that says what it was. */
function shortened(line: string): string {
  const time = /"time":"([^"]{1,40})"/.exec(line)?.[1] ?? "";
  return JSON.stringify({
    level: "warn",
    time,
    pid: process.pid,
    fields: { characters: line.length, beginning: line.slice(0, 4_096) },
    msg: "a line was too long to be logged whole",
  });
}
