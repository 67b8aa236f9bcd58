import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

/** One fact outside the engine: what really happened, in the order in which it did. */
export interface LedgerLine {
  readonly runId: string;
  /** `began`, `did`: inside a step; `act`: an effect reached its target; `probe`: the target was asked. */
  readonly what: "began" | "did" | "act" | "probe";
  readonly key: string;
  readonly value?: string;
}

/** Appends one line, on the disk before it returns. */
export function appendToLedger(path: string, line: LedgerLine): void {
  const file = openSync(path, "a", 0o600);
  try {
    writeSync(file, `${JSON.stringify(line)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** All whole lines; a line cut by a kill has no newline and never happened. */
export function readLedger(path: string): readonly LedgerLine[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LedgerLine);
}
