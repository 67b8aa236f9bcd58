import { readdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import { maxLineBytes } from "../../governance/audit/entry-line.ts";
import type { LogPosition } from "../../governance/audit/log-tail.ts";
import { hasCode } from "../../machine/error-code.ts";
import { openPrivateFile, syncFolder } from "./private-files.ts";

/** A full segment is put aside; the log goes on in a new file. */
export const maxSegmentBytes = 64 * 1024 * 1024;

const numberDigits = 12;
const chunkBytes = 1024 * 1024;
const newline = 0x0a;

/** One file of the log. */
export interface Segment {
  readonly path: string;
  /** Number of its first entry; undefined for the file that is written now. */
  readonly firstSeq: number | undefined;
}

/** Why a line was not taken in. */
export interface LineRefusal {
  readonly message: string;
}

/** What is left after the last whole line of the newest segment: a write that was cut short. */
export interface Remainder {
  readonly offset: number;
  readonly bytes: number;
}

/** All files of the log, oldest first. */
export async function listSegments(log: string): Promise<readonly Segment[]> {
  const prefix = `${basename(log)}.`;
  const pattern = /^[0-9]{12}$/;
  const names = await readdir(dirname(log)).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  const older = names
    .filter((name) => name.startsWith(prefix) && pattern.test(name.slice(prefix.length)))
    .sort()
    .map((name) => ({
      path: join(dirname(log), name),
      firstSeq: Number(name.slice(prefix.length)),
    }));
  return [...older, { path: log, firstSeq: undefined }];
}

/** Puts the newest file aside under the number of its first entry. */
export async function putSegmentAside(log: string, firstSeq: number): Promise<void> {
  await rename(log, `${log}.${String(firstSeq).padStart(numberDigits, "0")}`);
  await syncFolder(dirname(log));
}

/** Who reads lines. Each member may say why it refuses; that ends the reading. */
export interface LineReader {
  /** Called before the lines of each further segment. */
  readonly enter: (segment: Segment) => string | undefined;
  /** A line without its newline; the bytes are valid only during the call. */
  readonly line: (line: Buffer) => string | undefined;
}

/** Gives the reader each line from a position on, in order. */
export async function readLines(
  segments: readonly Segment[],
  from: LogPosition,
  reader: LineReader,
): Promise<LineRefusal | Remainder> {
  const start = segments.findIndex(({ firstSeq }) => firstSeq === from.segment);
  const chosen = start === -1 ? segments.slice(-1) : segments.slice(start);
  let remainder: Remainder = { offset: from.offset, bytes: 0 };
  for (const [index, segment] of chosen.entries()) {
    if (remainder.bytes > 0) return { message: `${basename(segment.path)} follows a cut-off line` };
    const refusal = index === 0 ? undefined : reader.enter(segment);
    if (refusal !== undefined) return { message: refusal };
    const outcome = await readSegment(segment, index === 0 ? from.offset : 0, reader);
    if ("message" in outcome) return outcome;
    remainder = outcome;
  }
  return remainder;
}

async function readSegment(
  segment: Segment,
  offset: number,
  reader: LineReader,
): Promise<LineRefusal | Remainder> {
  const options = { access: "read", create: false, secrecy: "public" } as const;
  const file = await openPrivateFile(segment.path, options);
  if (file === undefined)
    return offset === 0 ? { offset: 0, bytes: 0 } : { message: "its file is gone" };
  try {
    const { size } = await file.stat();
    if (size < offset) return { message: `${basename(segment.path)} is shorter than it was` };
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let lineStart = offset;
    let kept = 0;
    for (let position = offset; ;) {
      const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, position);
      if (bytesRead === 0) return { offset: lineStart, bytes: kept };
      position += bytesRead;
      const filled = kept + bytesRead;
      let start = 0;
      for (;;) {
        const end = buffer.subarray(0, filled).indexOf(newline, start);
        if (end === -1) break;
        const refusal = reader.line(buffer.subarray(start, end));
        if (refusal !== undefined) return { message: refusal };
        start = end + 1;
      }
      buffer.copyWithin(0, start, filled);
      kept = filled - start;
      lineStart += start;
      if (kept > maxLineBytes) return { message: "a line without end" };
    }
  } finally {
    await file.close();
  }
}

/** The log is not what was recorded. */
export function tampered(message: string, details: Record<string, unknown> = {}): GovernanceError {
  return new GovernanceError("AUTOSD-AUDIT-TAMPERED", `The audit log does not hold: ${message}.`, {
    details,
  });
}
