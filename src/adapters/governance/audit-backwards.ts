import { type FileHandle, lstat } from "node:fs/promises";
import { basename } from "node:path";
import { maxLineBytes } from "../../governance/audit/entry-line.ts";
import { listSegments, type Segment, tampered } from "./audit-segments.ts";
import { openPrivateFile } from "./private-files.ts";

const chunkBytes = 256 * 1024;
const newline = 0x0a;
/** So often may a segment be put aside between two looks at the folder. */
const maxLooks = 5;

/** The newest file, held open, and all that stand before it. */
interface Opened {
  readonly newest: FileHandle | undefined;
  readonly segments: readonly Segment[];
}

/**
 * Gives each whole line of the log, the newest first, without its newline, until `take` says `stop`.
 * What a write that was cut short left at the very end is no line. The chain is not checked.
 */
export async function readLinesBackwards(
  log: string,
  take: (line: Buffer) => "go on" | "stop",
): Promise<void> {
  const { newest, segments } = await openNewest(log);
  try {
    if (newest !== undefined && (await readBackwards(newest, "newest", log, take)) === "stop")
      return;
  } finally {
    await newest?.close();
  }
  for (const segment of segments.toReversed()) {
    if (segment.firstSeq === undefined) continue;
    const file = await openPrivateFile(segment.path, readOptions);
    if (file === undefined) throw tampered(`${basename(segment.path)} is gone`);
    try {
      if ((await readBackwards(file, "older", segment.path, take)) === "stop") return;
    } finally {
      await file.close();
    }
  }
}

const readOptions = { access: "read", create: false, secrecy: "public" } as const;

/** A file that is put aside between opening it and listing the others would be read twice, or missed. */
async function openNewest(log: string): Promise<Opened> {
  for (let look = 1; ; look += 1) {
    const newest = await openPrivateFile(log, readOptions);
    const segments = await listSegments(log);
    if (await isStillThere(log, newest)) return { newest, segments };
    await newest?.close();
    if (look === maxLooks) throw tampered(`${basename(log)} is replaced again and again`);
  }
}

async function isStillThere(log: string, file: FileHandle | undefined): Promise<boolean> {
  const named = await lstat(log).catch(() => undefined);
  const held = await file?.stat();
  return named?.ino === held?.ino && named?.dev === held?.dev;
}

async function readBackwards(
  file: FileHandle,
  age: "newest" | "older",
  path: string,
  take: (line: Buffer) => "go on" | "stop",
): Promise<"go on" | "stop"> {
  let position = (await file.stat()).size;
  // What stands before `position` is not read yet; `rest` is the beginning of what was.
  let rest: Buffer = Buffer.alloc(0);
  let isEnd = true;
  while (position > 0) {
    const start = Math.max(0, position - chunkBytes);
    const chunk = await readWhole(file, start, position - start);
    // Taken back meanwhile: what stood after it is no part of the log any more.
    const isCut = chunk.length < position - start;
    isEnd ||= isCut;
    const bytes = isCut ? chunk : Buffer.concat([chunk, rest]);
    let end = bytes.length;
    for (;;) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
      if (before === -1) break;
      const line = bytes.subarray(before + 1, end);
      end = before;
      if (isEnd && line.length > 0 && age === "older")
        throw tampered(`${basename(path)} ends within a line`);
      if (!isEnd && take(line) === "stop") return "stop";
      isEnd = false;
    }
    rest = bytes.subarray(0, end);
    position = start;
    if (rest.length > maxLineBytes) throw tampered(`a line without end in ${basename(path)}`);
  }
  if (!isEnd) return take(rest);
  if (rest.length > 0 && age === "older") throw tampered(`${basename(path)} ends within a line`);
  return "go on";
}

/** A write that could not be signed is taken back: then there is less than there was. */
async function readWhole(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
