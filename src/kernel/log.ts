/** Facts of a log line: plain data; redacted by the log before it is written. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The debug log of people who look for a cause. Messages are constant texts, variables are fields.
 * No method throws or waits for anything but the write itself.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

function ignore(): void {
  // Nothing is written.
}

/** Writes nothing. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
