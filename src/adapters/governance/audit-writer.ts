import { join, dirname } from "node:path";
import type { LogKey } from "../../governance/audit/ed25519.ts";
import type { Entry, EntryDraft } from "../../governance/audit/entry.ts";
import { type Epochs, formatEpochs } from "../../governance/audit/epochs.ts";
import { formatVkey } from "../../governance/audit/signed-note.ts";
import { factsOf } from "../../governance/audit/facts-of.ts";
import { moveOut } from "../../governance/audit/move-out.ts";
import { type PlannedLine, planLines } from "../../governance/audit/plan-lines.ts";
import { isPrivileged } from "../../governance/audit/privileged-kinds.ts";
import { LogTail } from "../../governance/audit/log-tail.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { Log } from "../../kernel/log.ts";
import {
  appendLines,
  cutLog,
  readRest,
  type SignedEnd,
  signLog,
  unwritable,
} from "./audit-commit.ts";
import { olderGates } from "./audit-gates.ts";
import { hasStoredHashes, rootAt, storeHashes } from "./audit-hashes.ts";
import { keepInHistory } from "./audit-history.ts";
import { handOver, isHandoverDue, readEpochKey, readEpochs, writeGenesis } from "./audit-keys.ts";
import { isStateLost, type LoadedLog, loadLog } from "./audit-load.ts";
import { readAhead } from "./audit-read-ahead.ts";
import { withAuditLock } from "./audit-lock.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { maxSegmentBytes, putSegmentAside } from "./audit-segments.ts";
import { type FilesystemType, refuseNetworkFilesystem } from "./filesystem-kind.ts";
import { preparePrivateFolder, syncFolder, writePrivateFile } from "./private-files.ts";

/** Unsigned entries may be at most so many. */
const entriesPerCheckpoint = 64;
const digestPrefix = "sha256:".length;

export interface WriterOptions {
  readonly places: AuditPlaces;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly lockTimeoutMs: number;
  /** Smaller in tests. */
  readonly segmentBytes?: number;
  /** Default: the system's. */
  readonly filesystemType?: FilesystemType;
}

/** One transaction that waits for its turn. Exactly one of `done` and `fail` is called. */
export interface Turn {
  readonly decide: (facts: LogFacts) => Promise<readonly EntryDraft[]>;
  readonly done: (entries: readonly Entry[]) => void;
  readonly fail: (error: unknown) => void;
}

/** The open end of the log while the lock is held. */
interface Session {
  readonly loaded: LoadedLog;
  readonly epochs: Epochs;
  readonly key: LogKey;
  /** What the log itself has to say first. */
  readonly drafts: readonly EntryDraft[];
}

interface Answer {
  readonly turn: Turn;
  readonly entries: readonly Entry[];
}

/** Appends to the files of one log; one call at a time. */
export class AuditWriter {
  readonly #options: WriterOptions;
  #known: LoadedLog | undefined;
  #key: LogKey | undefined;
  #isPlaceChecked = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Whether this process left entries that no checkpoint covers. */
  get hasUnsigned(): boolean {
    return this.#known !== undefined && this.#known.tail.size > this.#known.checkpoint.size;
  }

  /**
   * Under the lock: each turn decides on the log with the entries of the turns before it; then all
   * are written and synced at once. `sign` asks for a checkpoint in any case.
   */
  async commit(turns: readonly Turn[], sign: boolean): Promise<void> {
    const waiting = new Set(turns);
    try {
      await this.#preparePlace();
      const { places } = this.#options;
      // Here nobody waits for it; under the lock only the lines since are left to read.
      this.#known = await readAhead(places, this.#known);
      await withAuditLock(places.lock, this.#options.lockTimeoutMs, () =>
        this.#locked(waiting, sign),
      );
    } catch (error) {
      this.#known = undefined;
      const reason = unwritable(error, this.#options.places.log);
      if (turns.length === 0) throw reason;
      for (const turn of waiting) turn.fail(reason);
    }
  }

  async #preparePlace(): Promise<void> {
    const { places, filesystemType } = this.#options;
    if (!this.#isPlaceChecked) {
      // Before anything is made there.
      await refuseNetworkFilesystem(places.folder, filesystemType);
      await refuseNetworkFilesystem(dirname(places.log), filesystemType);
    }
    this.#isPlaceChecked = true;
    await preparePrivateFolder(places.folder);
  }

  async #locked(waiting: Set<Turn>, sign: boolean): Promise<void> {
    const session = await this.#open();
    const { tail } = session.loaded;
    const start = tail.position;
    const lines: PlannedLine[] = [...(await this.#append(session.drafts, tail))];
    const answers: Answer[] = [];
    for (const turn of [...waiting]) {
      try {
        const planned = await this.#append(await turn.decide(this.#factsOf(session)), tail);
        lines.push(...planned);
        answers.push({ turn, entries: planned.map(({ entry }) => entry) });
      } catch (error) {
        waiting.delete(turn);
        turn.fail(error);
      }
    }
    await this.#write(session, { offset: start.offset, lines, sign });
    for (const { turn, entries } of answers) {
      waiting.delete(turn);
      turn.done(entries);
    }
  }

  /** Plans all lines of one transaction before the tail takes in the first. */
  async #append(drafts: readonly EntryDraft[], tail: LogTail): Promise<readonly PlannedLine[]> {
    const { clock, entropy, places } = this.#options;
    const blobs = new Map<string, Uint8Array>();
    const planned = planLines(drafts, tail, clock.now(), (draft) => {
      const moved = moveOut(draft, entropy);
      for (const blob of moved.blobs) blobs.set(blob.digest, blob.bytes);
      return moved.draft;
    });
    for (const [digest, bytes] of blobs)
      await writePrivateFile(join(places.blobs, digest.slice(digestPrefix)), bytes, {
        replace: false,
      });
    for (const line of planned) tail.append(line);
    return planned;
  }

  async #write(
    session: Session,
    batch: {
      readonly offset: number;
      readonly lines: readonly PlannedLine[];
      readonly sign: boolean;
    },
  ): Promise<void> {
    const { places, log } = this.#options;
    const { loaded, epochs, key } = session;
    const { tail, checkpoint } = loaded;
    const unsigned = tail.size - checkpoint.size;
    const isDue =
      batch.lines.some(({ entry }) => isPrivileged(entry.kind)) ||
      unsigned >= entriesPerCheckpoint ||
      // Kept again at once: until then every process reads the whole log.
      isStateLost(loaded) ||
      (batch.sign && unsigned > 0);
    const lines = batch.lines.map(({ line }) => line);
    const undo =
      lines.length > 0 ? await appendLines(places.log, batch.offset, lines) : async () => undefined;
    let signed: SignedEnd = loaded;
    if (isDue) {
      try {
        signed = await signLog(places, { epochs, key }, tail, loaded.kept);
      } catch (error) {
        // What cannot be signed must not be done: the log is again as it was.
        await undo();
        throw error;
      }
    }
    // Not needed for the record: made again from the log when it is missing.
    await storeHashes(places, tail).catch((error: unknown) =>
      log.warn("the tree's hashes cannot be stored", { error }),
    );
    if (signed !== loaded)
      await keepInHistory(places, signed.checkpointBytes).catch((error: unknown) =>
        log.warn("the checkpoint cannot be kept in the history", { error }),
      );
    const remainder = { offset: tail.position.offset, bytes: 0 };
    const { checkpoint: newest, checkpointBytes, kept } = signed;
    const epochsBytes =
      epochs === loaded.epochs ? loaded.epochsBytes : Buffer.from(formatEpochs(epochs));
    this.#known = {
      ...{ epochs, epochsBytes, tail, remainder },
      ...{ checkpoint: newest, checkpointBytes, kept },
    };
  }

  #factsOf({ loaded }: Session): LogFacts {
    const { places } = this.#options;
    const { tail, epochs } = loaded;
    return factsOf(tail, {
      origin: epochs[0].key.name,
      rootAt: (size) => rootAt(places, tail, size),
      olderGates: (commit) => olderGates(places, tail, commit),
    });
  }

  /** The end of the log, made whole: begun, its torn tail put aside, its key handed over. */
  async #open(): Promise<Session> {
    const { places, clock, entropy, segmentBytes } = this.#options;
    let loaded = await this.#load();
    // A log whose stored hashes are gone is read whole once, to store them again.
    if (!(await hasStoredHashes(places, loaded.tail))) {
      const whole = await loadLog(places, { whole: true });
      if (whole.kind === "loaded") loaded = whole.log;
    }
    const { tail } = loaded;
    const drafts: EntryDraft[] = [];
    if (loaded.remainder.bytes > 0) drafts.push(await this.#quarantine(loaded));
    if (tail.position.offset >= (segmentBytes ?? maxSegmentBytes)) {
      await putSegmentAside(places.log, tail.position.segment);
      tail.beginSegment();
    }
    let { epochs } = loaded;
    let key = await this.#keyOf(epochs);
    if (isHandoverDue(epochs, tail, clock.now())) {
      const at = { tail, entropy, nowMs: clock.now() };
      ({ epochs, key } = await handOver(places, epochs, key, at));
      this.#key = key;
    }
    const newest = epochs[epochs.length - 1] ?? epochs[0];
    if (tail.epoch < newest.number)
      drafts.push({
        kind: "log.epoch",
        actor: { type: "system", id: "autosd" },
        details: { epoch: newest.number, vkey: formatVkey(newest.key) },
      });
    return { loaded, epochs, key, drafts };
  }

  async #load(): Promise<LoadedLog> {
    const { places, clock, entropy } = this.#options;
    const outcome = await loadLog(places, { known: this.#known });
    if (outcome.kind === "loaded") return outcome.log;
    const epochs = (await readEpochs(places)) ?? (await writeGenesis(places, entropy, clock.now()));
    const key = await this.#keyOf(epochs);
    await signLog(places, { epochs, key }, LogTail.empty(), undefined);
    await syncFolder(places.folder);
    const begun = await loadLog(places);
    if (begun.kind === "absent") throw new Error("an audit log that does not begin");
    return begun.log;
  }

  async #keyOf(epochs: Epochs): Promise<LogKey> {
    const newest = epochs[epochs.length - 1] ?? epochs[0];
    const isNewest =
      this.#key !== undefined && Buffer.from(this.#key.publicKey).equals(newest.key.publicKey);
    this.#key =
      isNewest && this.#key !== undefined
        ? this.#key
        : await readEpochKey(this.#options.places, epochs);
    return this.#key;
  }

  /** A write that was cut short was never acknowledged: it is kept aside and named in the log. */
  async #quarantine({ remainder, tail }: LoadedLog): Promise<EntryDraft> {
    const { places } = this.#options;
    const bytes = await readRest(places.log, remainder.offset, remainder.bytes);
    const digest = sha256(bytes);
    const name = `${tail.size}-${digest.slice(digestPrefix, digestPrefix + 16)}`;
    await writePrivateFile(join(places.quarantine, name), bytes, { replace: true });
    await cutLog(places.log, remainder.offset);
    return {
      kind: "log.recovered",
      actor: { type: "system", id: "autosd" },
      reason: "A write was cut short.",
      details: { bytes: bytes.length, digest },
    };
  }
}
