import type { Decided } from "../../governance/audit/audit-log.port.ts";
import type { AuditTrail, LogIdentity } from "../../governance/audit/audit-trail.port.ts";
import { parseLine } from "../../governance/audit/entry-line.ts";
import type { Entry } from "../../governance/audit/entry.ts";
import { factsOf } from "../../governance/audit/facts-of.ts";
import { LogTail } from "../../governance/audit/log-tail.ts";
import { formatVkey } from "../../governance/audit/signed-note.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { LogFacts } from "../../governance/grants/log-facts.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import { type Log, silentLog } from "../../kernel/log.ts";
import { readEntries, readEntryLine } from "./audit-entries.ts";
import { olderGates } from "./audit-gates.ts";
import { rootAt } from "./audit-hashes.ts";
import { emptyRootText, readEpochs } from "./audit-keys.ts";
import { type LoadOutcome, loadLog } from "./audit-load.ts";
import { type AuditPlaces, auditPlaces } from "./audit-places.ts";
import { addAnchor, currentCheckpoint, proveEntry, readAnchors } from "./audit-proofs.ts";
import type { FilesystemType } from "./filesystem-kind.ts";
import { verifyLogFiles } from "./audit-verify.ts";
import { AuditWriter, type Turn } from "./audit-writer.ts";
import { createWitnessedLog } from "./witnessed-log.ts";

const defaultLockTimeoutMs = 10_000;
/** Transactions that wait are written together, at most so many. */
const maxTurns = 64;
/** A reader that met a writer half way looks again. */
const maxReadAttempts = 5;

export interface AuditLogOptions {
  /** `AUTOSD_HOME`: checkpoints, keys and state are in its `audit` folder. */
  readonly home: string;
  /** Absolute path of the log itself. */
  readonly logFile: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log?: Log;
  /** How long to wait for other processes. */
  readonly lockTimeoutMs?: number;
  readonly segmentBytes?: number;
  /** Default: the system's. */
  readonly filesystemType?: FilesystemType;
}

/** The audit log in files. Making it touches nothing; the first append begins the log. */
export function createAuditLog(options: AuditLogOptions): AuditTrail {
  const places = auditPlaces(options.home, options.logFile);
  const log = options.log ?? silentLog;
  const { clock, entropy, segmentBytes, filesystemType } = options;
  const lockTimeoutMs = options.lockTimeoutMs ?? defaultLockTimeoutMs;
  const writer = new AuditWriter({
    ...{ places, clock, entropy, log, lockTimeoutMs },
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    ...(filesystemType === undefined ? {} : { filesystemType }),
  });
  const queue = new TurnQueue(writer);
  const append: AuditTrail["transact"] = (work) => transact(queue, work);
  const witnessed = createWitnessedLog({
    ...{ places, clock, entropy, trail: { transact: append } },
    load: () => load(places),
    sign: () => queue.flush(true),
  });
  const trail: AuditTrail = {
    witnessed,
    transact: append,
    facts: () => readFacts(places),
    entries: (filter) => readEntries(places, filter),
    entry: (seq) => readEntry(places, seq),
    ensureGenesis: async () => {
      await queue.flush(false);
      const identity = await readIdentity(places);
      if (identity === undefined) throw new Error("an audit log that did not begin");
      return identity;
    },
    identity: () => readIdentity(places),
    checkpoint: async () => currentCheckpoint(await load(places)),
    verify: (outside) => verifyLogFiles(places, outside),
    prove: async (seq) => proveEntry(places, await load(places), seq),
    anchors: () => readAnchors(places),
    addAnchor: async (note) => addAnchor(places, { log: await load(places), note, clock, trail }),
    close: async () => {
      try {
        if (writer.hasUnsigned) await queue.flush(true);
      } catch (error) {
        // What was acknowledged is synced; the next writer signs it.
        log.warn("the audit log could not be signed at the end", { error });
      }
    },
  };
  return trail;
}

function transact<T>(
  queue: TurnQueue,
  work: (facts: LogFacts) => Promise<Decided<T>>,
): Promise<{ readonly value: T; readonly entries: readonly Entry[] }> {
  return new Promise((resolve, reject) => {
    let value: { readonly given: T } | undefined;
    queue.add({
      decide: async (facts) => {
        const decided = await work(facts);
        value = { given: decided.value };
        return decided.append;
      },
      done: (entries) => {
        if (value !== undefined) resolve({ value: value.given, entries });
      },
      fail: reject,
    });
  });
}

/** Transactions of this process, which wait while others are being written. */
class TurnQueue {
  readonly #writer: AuditWriter;
  #turns: Turn[] = [];
  #running: Promise<void> | undefined;

  constructor(writer: AuditWriter) {
    this.#writer = writer;
  }

  add(turn: Turn): void {
    this.#turns.push(turn);
    this.#running ??= this.#run();
  }

  /** After everything that waits: begins the log if need be, signs it when `sign`. */
  async flush(sign: boolean): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const flushed = this.#writer.commit([], sign);
    this.#running = flushed.then(settled, settled).then(() => this.#next());
    await flushed;
  }

  async #run(): Promise<void> {
    // Whoever asks in the same instant is written together.
    await Promise.resolve();
    const turns = this.#turns.slice(0, maxTurns);
    this.#turns = this.#turns.slice(maxTurns);
    await this.#writer.commit(turns, false);
    this.#next();
  }

  #next(): void {
    this.#running = this.#turns.length > 0 ? this.#run() : undefined;
  }
}

function settled(): void {
  // Whoever asked is told by the promise itself.
}

/** Reads while others may write: a state that only looks broken half way is read again. */
async function load(places: AuditPlaces): Promise<LoadOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await loadLog(places);
    } catch (error) {
      const isBroken = error instanceof GovernanceError && error.code === "AUTOSD-AUDIT-TAMPERED";
      if (!isBroken || attempt >= maxReadAttempts) throw error;
    }
  }
}

async function readFacts(places: AuditPlaces): Promise<LogFacts> {
  const outcome = await load(places);
  const tail = outcome.kind === "loaded" ? outcome.log.tail : LogTail.empty();
  const epochs = outcome.kind === "loaded" ? outcome.log.epochs : outcome.epochs;
  return factsOf(tail, {
    origin: epochs?.[0].key.name ?? "",
    rootAt: async (size) => (size === 0 ? emptyRootText : rootAt(places, tail, size)),
    olderGates: (commit) => olderGates(places, tail, commit),
  });
}

async function readEntry(places: AuditPlaces, seq: number): Promise<Entry | undefined> {
  const line = await readEntryLine(places, seq);
  return line === undefined ? undefined : parseLine(line);
}

async function readIdentity(places: AuditPlaces): Promise<LogIdentity | undefined> {
  const epochs = await readEpochs(places);
  return epochs === undefined
    ? undefined
    : { origin: epochs[0].key.name, vkey: formatVkey(epochs[0].key) };
}
