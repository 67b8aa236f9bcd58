import { type Checkpoint } from "../../governance/audit/checkpoint.ts";
import { type Epochs, verifyCheckpoint } from "../../governance/audit/epochs.ts";
import type {
  LogFinding,
  LogPart,
  LogVerification,
  OutsideEvidence,
  Pin,
} from "../../governance/audit/log-verification.ts";
import { formatVkey, maxNoteBytes } from "../../governance/audit/signed-note.ts";
import { statementOf } from "../../governance/audit/statement.ts";
import { type ExpectedRoot, LogReading } from "../../governance/audit/verify-log.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { readEpochs } from "./audit-keys.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { readAnchors } from "./audit-proofs.ts";
import { listSegments, readLines, type Remainder } from "./audit-segments.ts";
import { StoredHashesCheck } from "./audit-stored-hashes.ts";
import { readPrivateFile } from "./private-files.ts";

const maxSnapshotBytes = 64 * 1024 * 1024;

/** What the log says about itself besides its entries, as far as it can be read. */
interface Claims {
  readonly epochs: Epochs | undefined;
  readonly checkpoint: Checkpoint | undefined;
  readonly expected: readonly ExpectedRoot[];
  readonly failures: readonly LogFinding[];
}

/**
 * Like `AuditTrail.verify`: reads each line once, and once more only when a grant pins an earlier
 * head that the stored hashes cannot tell. Writes nothing.
 */
export async function verifyLogFiles(
  places: AuditPlaces,
  outside: OutsideEvidence,
): Promise<LogVerification> {
  const claims = await readClaims(places, outside);
  const hashes = await StoredHashesCheck.open(places);
  try {
    const reading = new LogReading(claims.expected, (hash) => hashes.compare(hash));
    const { remainder, failures } = await readAll(places, reading);
    const pins = await checkPins(places, reading, hashes);
    return statementOf({
      ...accountOf(claims, outside),
      size: reading.size,
      root: reading.root(),
      anchors: anchorsOf(claims, reading, pins),
      failures: [
        ...claims.failures,
        ...failures,
        ...reading.findings,
        ...unmet(claims, reading),
        ...pins.filter(({ holds }) => !holds).map(({ expected }) => brokenAnchor(expected)),
      ],
      unfinishedBytes: remainder.bytes,
      rebuildable: [
        ...(reading.size === 0 || hashes.holds(reading.size)
          ? []
          : ["The stored hashes of the tree are incomplete"]),
        ...(await missingSnapshot(places, claims.checkpoint)),
      ],
    });
  } finally {
    await hashes.close();
  }
}

async function readClaims(places: AuditPlaces, outside: OutsideEvidence): Promise<Claims> {
  const failures: LogFinding[] = [];
  const attempt = async <T>(part: LogPart, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GovernanceError)) throw error;
      failures.push(failed(part, error.message));
      return undefined;
    }
  };
  // The checkpoint first: the entries that it covers were there before it.
  const limits = { maxBytes: maxNoteBytes, secrecy: "public" } as const;
  const note = await attempt("checkpoint", () => readPrivateFile(places.checkpoint, limits));
  const epochs = await attempt("epochs", () => readEpochs(places));
  const anchors = (await attempt("anchor", () => readAnchors(places))) ?? [];
  const expected: ExpectedRoot[] = [];
  if (epochs === undefined) {
    // Without keys nothing is signed; an empty place is no log at all.
    if (note !== undefined || outside.pins.length > 0 || outside.genesis !== undefined)
      failures.push(failed("epochs", "the epochs of the log are missing"));
    return { epochs, checkpoint: undefined, expected: outside.pins, failures };
  }
  for (const { number, startSize, startRoot } of epochs)
    expected.push({ source: `epoch ${number}`, size: startSize, root: startRoot });
  const checkpoint = signedRoot("checkpoint", note, epochs, failures);
  if (checkpoint !== undefined) expected.push({ ...checkpoint, source: "checkpoint" });
  const kept = [
    ...anchors.map((anchor, index) => ({
      source: `anchors.jsonl line ${index + 1}`,
      note: Buffer.from(anchor.note, "utf8"),
    })),
    ...outside.checkpoints,
  ];
  for (const anchor of kept) {
    const signed = signedRoot(anchor.source, anchor.note, epochs, failures);
    if (signed !== undefined) expected.push({ ...signed, source: anchor.source });
  }
  checkGenesis(epochs, outside, failures);
  return { epochs, checkpoint, expected: [...expected, ...outside.pins], failures };
}

function signedRoot(
  source: string,
  note: Uint8Array | undefined,
  epochs: Epochs,
  failures: LogFinding[],
): Checkpoint | undefined {
  const part = source === "checkpoint" ? "checkpoint" : "anchor";
  if (note === undefined) {
    failures.push(failed(part, `the ${source} is missing`));
    return undefined;
  }
  const verdict = verifyCheckpoint(note, epochs);
  if (verdict.kind === "verified") return verdict.checkpoint;
  failures.push(failed(part, `${source} is not valid: ${verdict.message}`));
  return undefined;
}

function checkGenesis(epochs: Epochs, outside: OutsideEvidence, failures: LogFinding[]): void {
  const { genesis } = outside;
  if (genesis === undefined) return;
  const { key } = epochs[0];
  if (genesis.origin !== key.name || genesis.vkey !== formatVkey(key))
    failures.push(failed("genesis", "the first key is not the one that the trust list pins"));
}

async function readAll(
  places: AuditPlaces,
  reading: LogReading,
): Promise<{ readonly remainder: Remainder; readonly failures: readonly LogFinding[] }> {
  const nothing: Remainder = { offset: 0, bytes: 0 };
  try {
    const outcome = await readLines(
      await listSegments(places.log),
      { segment: 0, offset: 0 },
      {
        enter: ({ firstSeq }) => {
          if (firstSeq !== undefined && firstSeq !== reading.size)
            reading.report(reading.size, `segment ${firstSeq} follows`);
          return undefined;
        },
        line: (line) => {
          reading.take(line);
          return undefined;
        },
      },
    );
    if (!("message" in outcome)) return { remainder: outcome, failures: [] };
    return { remainder: nothing, failures: [failed("chain", outcome.message, reading.size)] };
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    return { remainder: nothing, failures: [failed("files", error.message)] };
  }
}

type Met = LogReading["met"];

/** Grants pin heads of the past, which are known only when the grant's own entry is read. */
async function checkPins(
  places: AuditPlaces,
  reading: LogReading,
  hashes: StoredHashesCheck,
): Promise<Met> {
  const { pins } = reading;
  if (pins.length === 0) return [];
  const within = pins.filter(({ size }) => size <= reading.size);
  const beyond = pins.filter(({ size }) => size > reading.size);
  const missing = beyond.map((expected) => ({ expected, holds: false }));
  if (hashes.holds(reading.size)) {
    const met = [];
    for (const expected of within)
      met.push({ expected, holds: (await hashes.rootAt(expected.size)) === expected.root });
    return [...met, ...missing];
  }
  const again = new LogReading(within);
  await readAll(places, again);
  return [...again.met, ...missing];
}

function unmet(claims: Claims, reading: LogReading): readonly LogFinding[] {
  const failures: LogFinding[] = [];
  const holding = new Map(reading.met.map(({ expected, holds }) => [expected, holds]));
  for (const expected of claims.expected)
    if (holding.get(expected) !== true) {
      const missing = expected.size > reading.size;
      failures.push(
        missing
          ? failed(
              "tree",
              `${expected.source} covers ${expected.size} entries; ${reading.size} are there`,
            )
          : brokenAnchor(expected),
      );
    }
  return failures;
}

function brokenAnchor({ source, size }: Pin): LogFinding {
  return failed("tree", `the first ${size} entries are not the ones of ${source}`);
}

function anchorsOf(claims: Claims, reading: LogReading, pins: Met): LogVerification["anchors"] {
  const own = /^(checkpoint|epoch [0-9]+)$/;
  const holding = new Map(reading.met.map(({ expected, holds }) => [expected, holds]));
  return [
    ...claims.expected
      .filter(({ source }) => !own.test(source))
      .map((expected) => ({ expected, holds: holding.get(expected) === true })),
    ...pins,
  ].map(({ expected: { source, size }, holds }) => ({ source, size, holds }));
}

function accountOf(claims: Claims, outside: OutsideEvidence) {
  return {
    origin: claims.epochs?.[0].key.name,
    signedSize: claims.checkpoint?.size ?? 0,
    epochs: claims.epochs?.length ?? 0,
    isGenesisPinned: outside.genesis !== undefined,
  };
}

async function missingSnapshot(
  places: AuditPlaces,
  checkpoint: Checkpoint | undefined,
): Promise<readonly string[]> {
  if (checkpoint?.snapshot === undefined) return [];
  const limits = { maxBytes: maxSnapshotBytes, secrecy: "public" } as const;
  for (const path of [places.snapshot, `${places.snapshot}.old`]) {
    const bytes = await readPrivateFile(path, limits).catch(() => undefined);
    if (bytes !== undefined && sha256(bytes) === checkpoint.snapshot.digest) return [];
  }
  return ["The kept state is not the one that was signed"];
}

function failed(part: LogPart, message: string, seq?: number): LogFinding {
  return { part, seq, message };
}
