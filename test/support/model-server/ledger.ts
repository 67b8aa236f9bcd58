import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";

/** One request that came. It is on record before its first byte of an answer goes out. */
export interface LedgerEntry {
  readonly number: number;
  readonly atMs: number;
  readonly path: string;
  readonly model: string;
  /** SHA-256 of the body: equal requests have equal ones. */
  readonly request: string;
  readonly bytes: number;
  /** `answered` and `cut` were paid for. */
  readonly outcome: "answered" | "cut" | "refused" | "hung";
  readonly status: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Everything that a server was asked; with a file, each line synced as it is written. */
export class Ledger {
  readonly #entries: LedgerEntry[] = [];
  readonly #descriptor: number | undefined;

  constructor(file: string | undefined) {
    this.#descriptor = file === undefined ? undefined : openSync(file, "a");
  }

  record(entry: LedgerEntry): void {
    this.#entries.push(entry);
    if (this.#descriptor === undefined) return;
    writeSync(this.#descriptor, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.#descriptor);
  }

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Requests that cost money. */
  get paid(): readonly LedgerEntry[] {
    return this.#entries.filter(({ outcome }) => outcome === "answered" || outcome === "cut");
  }

  get refused(): readonly LedgerEntry[] {
    return this.#entries.filter(({ outcome }) => outcome === "refused");
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

export function digestOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}
