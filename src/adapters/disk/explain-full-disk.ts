import { dirname } from "node:path";
import { AutosdError, DiskFullError, machineErrors } from "../../kernel/errors.ts";
import { isOutOfRoom } from "../../machine/error-code.ts";
import { diskOf, freeBytes, fullestBelow } from "../../machine/free-space.ts";

const fullWords = /\bENOSPC\b|\bEDQUOT\b|No space left on device|Disk quota exceeded/i;
const maxCauses = 10;
/** Whatever failed with less room than this failed for want of it: the least file takes a block. */
const leastRoomBytes = 256 * 1024;

/** Where autosd was writing, and how the work goes on. */
export interface FailedWork {
  /** Folders that it writes to. */
  readonly folders: readonly string[];
  /** The command that goes on. */
  readonly resume: string;
}

/**
 * What a failure really is: AUTOSD-DISK-FULL when somebody on the way said so, or when trouble with
 * the machine met a disk without room. Anything else comes back unchanged.
 */
export function explainFullDisk(error: unknown, work: FailedWork): unknown {
  if (error instanceof DiskFullError && error.remedy !== machineErrors["AUTOSD-DISK-FULL"].remedy)
    return error;
  const chain = causesOf(error);
  const known = chain.find((one) => one instanceof DiskFullError);
  const folder = known?.folder ?? fullFolder(error, chain, work);
  if (folder === undefined) return error;
  const named = work.folders.find((one) => isSameDiskBelow(folder, one)) ?? folder;
  return new DiskFullError(named, {
    cause: error,
    remedy: `Free disk space in ${named}, then run: ${work.resume}`,
  });
}

/** A scratch folder is gone when somebody reads its name; the folder it was made in is not. */
function isSameDiskBelow(folder: string, above: string): boolean {
  if (!folder.startsWith(`${above}/`)) return false;
  const [disk, diskAbove] = [diskOf(folder), diskOf(above)];
  return disk !== undefined && disk === diskAbove;
}

/** Whether somebody on the way said that there was no room. */
export function saysFullDisk(error: unknown): boolean {
  return causesOf(error).some((one) => one instanceof DiskFullError || says(one));
}

function says(error: unknown): boolean {
  return isOutOfRoom(error) || fullWords.test(wordsOf(error));
}

function fullFolder(
  error: unknown,
  chain: readonly unknown[],
  { folders }: FailedWork,
): string | undefined {
  const fullest = fullestBelow(folders, Infinity);
  const speaker = chain.find(says);
  if (speaker !== undefined) return placeOf(speaker) ?? fullest;
  return mayBeTheMachine(error) ? fullestBelow(folders, leastRoomBytes) : undefined;
}

/** A refusal stays what it is, however little room there is. */
function mayBeTheMachine(error: unknown): boolean {
  if (!(error instanceof AutosdError)) return true;
  // No sandbox can be proven or built where not even its own files can be written.
  return error.exitCode === 5 || error.code.startsWith("AUTOSD-SANDBOX-");
}

/** The folder of the file that had no room. A link may have led to another disk, which then counts. */
function placeOf(error: unknown): string | undefined {
  const path = pathOf(error);
  return path.startsWith("/") && freeBytes(path) !== undefined ? dirname(path) : undefined;
}

/** Only trouble with the machine: a refusal may quote what a person wrote. */
function wordsOf(error: unknown): string {
  if (!(error instanceof AutosdError) || !mayBeTheMachine(error)) return "";
  const stderr = error.details["stderr"];
  return `${error.message}\n${typeof stderr === "string" ? stderr : ""}`;
}

/** What a system call was about: a rename fails for want of room at its destination. */
function pathOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("dest" in error) return String(error.dest);
  return "path" in error ? String(error.path) : "";
}

function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one !== undefined && chain.length < maxCauses;) {
    chain.push(one);
    one = one instanceof Error ? one.cause : undefined;
  }
  return chain;
}
