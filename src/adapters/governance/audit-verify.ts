import type { Checkpoint } from "../../governance/audit/checkpoint.ts";
import { verifyCheckpoint } from "../../governance/audit/epochs.ts";
import type {
  LogFinding,
  LogVerification,
  OutsideEvidence,
  Pin,
} from "../../governance/audit/log-verification.ts";
import { type Sightings, sightingsOf } from "../../governance/audit/sightings.ts";
import { statementOf } from "../../governance/audit/statement.ts";
import { type ExpectedRoot, LogReading } from "../../governance/audit/verify-log.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { type Claims, failed, type NotedRoot, readClaims } from "./audit-claims.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { listSegments, readLines, type Remainder } from "./audit-segments.ts";
import { StoredHashesCheck } from "./audit-stored-hashes.ts";
import { readPrivateFile } from "./private-files.ts";

const maxSnapshotBytes = 64 * 1024 * 1024;
const maxFindings = 100;

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
    const named = [...claims.expected, ...claims.history.map(({ expected }) => expected)];
    const reading = new LogReading(named, (hash) => hashes.compare(hash));
    const { remainder, failures } = await readAll(places, reading);
    const pins = await checkPins(places, reading, hashes);
    const holding = new Map(reading.met.map(({ expected, holds }) => [expected, holds]));
    const past = pastOf(claims, holding, reading.size);
    const sightings = sightingsIn(claims, past.extended, holding, outside);
    return statementOf({
      ...accountOf(claims, outside),
      history: past.extended.length,
      unreadableHistory: claims.unreadableHistory + past.unsigned,
      sightings,
      size: reading.size,
      root: reading.root(),
      anchors: anchorsOf(claims, holding, pins),
      failures: [
        ...claims.failures,
        ...failures,
        ...reading.findings,
        ...(hashes.problem === undefined ? [] : [failed("files", hashes.problem)]),
        ...unmet(claims.expected, holding, reading.size),
        ...past.failures,
        ...(sightings?.problems ?? []).map(({ source, message }) =>
          failed("witness", `${source}: ${message}`),
        ),
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

type Holding = ReadonlyMap<ExpectedRoot, boolean>;

/** Expected roots that the log does not have. */
function unmet(
  expected: readonly ExpectedRoot[],
  holding: Holding,
  size: number,
): readonly LogFinding[] {
  return expected
    .filter((one) => holding.get(one) !== true)
    .map((one) =>
      one.size > size
        ? failed("tree", `${one.source} covers ${one.size} entries; ${size} are there`)
        : brokenAnchor(one),
    );
}

/**
 * The history: what the log extends, and what it does not. A line that it does not extend and that
 * the log's keys did not sign says nothing; so only those are verified.
 */
function pastOf(claims: Claims, holding: Holding, size: number) {
  const { epochs, history } = claims;
  const extended = history.filter(({ expected }) => holding.get(expected) === true);
  const others = history.filter(({ expected }) => holding.get(expected) !== true);
  const signed = others.filter(
    ({ note }) => epochs !== undefined && verifyCheckpoint(note, epochs).kind === "verified",
  );
  const failures = unmet(
    signed.slice(0, maxFindings).map(({ expected }) => expected),
    holding,
    size,
  );
  return { extended, failures, unsigned: others.length - signed.length };
}

/** What witnesses say in the checkpoints that the log extends. */
function sightingsIn(
  claims: Claims,
  past: readonly NotedRoot[],
  holding: Holding,
  { witnessing }: OutsideEvidence,
): Sightings | undefined {
  if (witnessing === undefined) return undefined;
  const kept = claims.kept.filter(({ expected }) => holding.get(expected) === true);
  const extended = [...kept, ...past].map(({ expected, note }) => ({
    ...{ source: expected.source, size: expected.size },
    note: Buffer.from(note).toString("utf8"),
  }));
  return sightingsOf(extended, witnessing.policy, witnessing.nowMs);
}

function brokenAnchor({ source, size }: Pin): LogFinding {
  return failed("tree", `the first ${size} entries are not the ones of ${source}`);
}

function anchorsOf(claims: Claims, holding: Holding, pins: Met): LogVerification["anchors"] {
  const own = /^(checkpoint|epoch [0-9]+)$/;
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
