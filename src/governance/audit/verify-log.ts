import { hash } from "node:crypto";
import { chainStart } from "./entry-line.ts";
import { leafHash, MerkleFrontier } from "./merkle.ts";
import type { LogFinding, Pin } from "./log-verification.ts";

/** A root that the log must have had at some size. */
export interface ExpectedRoot {
  readonly source: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

const maxFindings = 100;

/**
 * Reads a log line by line, each once: number, chain and time of every entry, the tree over all of
 * them, and its root wherever one is expected. Holds no more than the edge of the tree.
 */
export class LogReading {
  readonly #frontier = MerkleFrontier.empty();
  /** By size. */
  readonly #expected = new Map<number, ExpectedRoot[]>();
  readonly #met: { readonly expected: ExpectedRoot; readonly holds: boolean }[] = [];
  readonly #findings: LogFinding[] = [];
  readonly #pins: Pin[] = [];
  readonly #onHash: ((hash: Uint8Array) => void) | undefined;
  #head = chainStart;
  #lastTime = "";
  #brokenAt: number | undefined;

  constructor(expected: readonly ExpectedRoot[], onHash?: (hash: Uint8Array) => void) {
    this.#onHash = onHash;
    for (const one of expected) {
      const same = this.#expected.get(one.size);
      if (same === undefined) this.#expected.set(one.size, [one]);
      else same.push(one);
    }
    this.#compare();
  }

  get size(): number {
    return this.#frontier.size;
  }

  get findings(): readonly LogFinding[] {
    return this.#findings;
  }

  /** Heads of the log that grants pinned when they were issued. */
  get pins(): readonly Pin[] {
    return this.#pins;
  }

  /** Base64. */
  root(): string {
    return Buffer.from(this.#frontier.root()).toString("base64");
  }

  /** Expected roots that were come by, and whether they were there. */
  get met(): readonly { readonly expected: ExpectedRoot; readonly holds: boolean }[] {
    return this.#met;
  }

  /** The next line, without its newline. */
  take(line: Uint8Array): void {
    const seq = this.size;
    const problem = this.#problemOf(line, seq);
    if (problem !== undefined) this.#report(seq, problem);
    this.#head = `sha256:${hash("sha256", line, "hex")}`;
    this.#frontier.append(leafHash(line), this.#onHash);
    this.#compare();
  }

  /** Something about the entry at `seq` that is not in its line. */
  report(seq: number, message: string): void {
    this.#report(seq, message);
  }

  #problemOf(line: Uint8Array, seq: number): string | undefined {
    const entry = looseEntry(line);
    if (entry === undefined) return "it is not an entry";
    if (entry["v"] !== 1) return "it is of an unknown version";
    if (entry["seq"] !== seq) return `it says number ${JSON.stringify(entry["seq"])}`;
    if (entry["prev"] !== this.#head) return "it does not continue the line before it";
    const { ts } = entry;
    if (typeof ts !== "string" || ts < this.#lastTime) return "its time is before the last one's";
    this.#lastTime = ts;
    if (entry["kind"] === "grant.issue") this.#keepPin(entry, seq);
    return undefined;
  }

  #keepPin(entry: Readonly<Record<string, unknown>>, seq: number): void {
    const pin = pinOf(entry);
    if (pin === undefined) return;
    this.#pins.push({ ...pin, source: `entry ${seq}, grant ${pin.source}` });
  }

  /** After a break every following line would be reported, too: the first places are enough. */
  #report(seq: number, message: string): void {
    this.#brokenAt ??= seq;
    if (this.#findings.length < maxFindings)
      this.#findings.push({ part: "chain", seq, message: `entry ${seq}: ${message}` });
  }

  #compare(): void {
    const due = this.#expected.get(this.size);
    if (due === undefined) return;
    const root = this.root();
    for (const expected of due) this.#met.push({ expected, holds: expected.root === root });
    this.#expected.delete(this.size);
  }
}

function looseEntry(line: Uint8Array): (Record<string, unknown> & { ts?: unknown }) | undefined {
  try {
    const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8");
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

function pinOf(entry: Readonly<Record<string, unknown>>): Pin | undefined {
  const log = memberOf(memberOf(entry, "details"), "log");
  const size = memberOf(log, "size");
  const root = memberOf(log, "root");
  const jti = memberOf(memberOf(entry, "grant"), "jti");
  if (typeof size !== "number" || typeof root !== "string") return undefined;
  return { source: typeof jti === "string" ? jti : "", size, root };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
