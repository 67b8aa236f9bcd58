import { hash } from "node:crypto";
import { isoTime } from "../../kernel/clock.ts";
import { chainStart, parseLine } from "./entry-line.ts";
import type { Entry } from "./entry.ts";
import { LogState } from "./log-state.ts";
import { leafHash, MerkleFrontier } from "./merkle.ts";
import type { ChainEnd, PlannedLine } from "./plan-lines.ts";
import { isPrivileged } from "./privileged-kinds.ts";
import type { Snapshot } from "./snapshot.ts";
import { HashBuffer } from "./hash-buffer.ts";
import { storedHashes } from "./tree-hashes.ts";
import { saysNothing } from "./silent-lines.ts";

/** Where a line ends: the segment by the number of its first entry, and bytes from its start. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/**
 * The end of a log that was read to it line by line: chain, tree and derived state, all of one size.
 * Takes in only what continues it.
 */
export class LogTail implements ChainEnd {
  readonly #frontier: MerkleFrontier;
  readonly state: LogState;
  #head: string;
  #lastTimeMs: number;
  #position: LogPosition;
  #epoch: number;
  #privileged: number;
  /** The tree's hashes since the place where reading began, or since they were last stored. */
  #hashes: HashBuffer;

  private constructor(
    frontier: MerkleFrontier,
    state: LogState,
    rest: Pick<Snapshot, "head" | "lastTimeMs" | "position" | "epoch" | "privileged">,
  ) {
    this.#frontier = frontier;
    this.state = state;
    this.#head = rest.head;
    this.#lastTimeMs = rest.lastTimeMs;
    this.#position = rest.position;
    this.#epoch = rest.epoch;
    this.#privileged = rest.privileged;
    this.#hashes = new HashBuffer(storedHashes(frontier.size));
  }

  static empty(): LogTail {
    return new LogTail(MerkleFrontier.empty(), LogState.empty(), {
      head: chainStart,
      lastTimeMs: 0,
      position: { segment: 0, offset: 0 },
      epoch: 0,
      privileged: 0,
    });
  }

  /** Undefined when the tree of the snapshot is not one. */
  static fromSnapshot(snapshot: Snapshot): LogTail | undefined {
    const nodes = snapshot.frontier.map((node) => Buffer.from(node, "base64"));
    const frontier = MerkleFrontier.of(snapshot.size, nodes);
    if (frontier === undefined) return undefined;
    return new LogTail(frontier, LogState.fromRecord(snapshot.state), snapshot);
  }

  get size(): number {
    return this.#frontier.size;
  }

  get head(): string {
    return this.#head;
  }

  get lastTimeMs(): number {
    return this.#lastTimeMs;
  }

  get position(): LogPosition {
    return this.#position;
  }

  /** The newest epoch that the log itself tells of. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Privileged entries since that epoch began. */
  get privileged(): number {
    return this.#privileged;
  }

  /** Base64. */
  root(): string {
    return Buffer.from(this.#frontier.root()).toString("base64");
  }

  /** Hashes of the tree that are not stored yet. */
  get unstored(): HashBuffer {
    return this.#hashes;
  }

  /** All hashes up to here are stored. */
  markStored(): void {
    this.#hashes = new HashBuffer(storedHashes(this.size));
  }

  /** The stored hashes were found damaged; these are all of them. */
  restoreHashes(all: HashBuffer): void {
    this.#hashes = all;
  }

  /** Takes in a line that was read. Says why when it does not continue the log. */
  accept(line: Uint8Array): string | undefined {
    const entry = parseLine(line);
    if (entry === undefined) return "it is not an entry";
    const finding = this.#mismatch(entry);
    if (finding === undefined) this.append({ line, entry });
    return finding;
  }

  /**
   * Takes in a line below the signed size: number, chain and time were checked before it was signed,
   * and the root, which the caller compares at that size, proves its bytes. The line at the signed
   * size itself (`isLast`) says where the chain goes on. Reads no more of others than the state needs.
   */
  replay(line: Uint8Array, isLast: boolean): string | undefined {
    if (!isLast && saysNothing(line)) {
      this.#advance(line);
      return undefined;
    }
    const entry = parseLine(line);
    if (entry === undefined) return "it is not an entry";
    if (isLast) this.append({ line, entry });
    else {
      this.#advance(line);
      this.#take(entry);
    }
    return undefined;
  }

  /** Takes in a line that `planLines` made for this very end. */
  append({ line, entry }: PlannedLine): void {
    this.#advance(line);
    this.#head = `sha256:${hash("sha256", line, "hex")}`;
    this.#lastTimeMs = Date.parse(entry.ts);
    this.#take(entry);
  }

  #advance(line: Uint8Array): void {
    this.#frontier.append(leafHash(line), (hash) => this.#hashes.append(hash));
    const { segment, offset } = this.#position;
    this.#position = { segment, offset: offset + line.length + 1 };
  }

  #take(entry: Entry): void {
    if (isPrivileged(entry.kind)) this.#privileged += 1;
    if (entry.kind === "log.epoch") this.#beginEpoch(entry);
    this.state.apply(entry);
  }

  /** The lines after this are in a new segment. */
  beginSegment(): void {
    this.#position = { segment: this.size, offset: 0 };
  }

  snapshot(origin: string): Snapshot {
    return {
      v: 4,
      origin,
      size: this.size,
      head: this.#head,
      lastTimeMs: this.#lastTimeMs,
      position: this.#position,
      epoch: this.#epoch,
      privileged: this.#privileged,
      frontier: this.#frontier.nodes.map((node) => Buffer.from(node).toString("base64")),
      state: this.state.toRecord(this.#lastTimeMs),
    };
  }

  #beginEpoch(entry: Entry): void {
    const epoch = entry.details?.["epoch"];
    if (typeof epoch === "number") this.#epoch = epoch;
    this.#privileged = 0;
  }

  #mismatch(entry: Entry): string | undefined {
    if (entry.seq !== this.size) return `it says number ${entry.seq}`;
    if (entry.prev !== this.#head) return "it does not continue the line before it";
    const timeMs = Date.parse(entry.ts);
    if (isoTime(timeMs) !== entry.ts) return "its time is malformed";
    return timeMs < this.#lastTimeMs ? "its time is before the last one's" : undefined;
  }
}
