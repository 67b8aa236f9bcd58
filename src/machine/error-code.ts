/** The system's name of what went wrong (`ENOENT`); undefined for errors that have none. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether an error has one of these names. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error);
  return code !== undefined && codes.includes(code);
}

/** Whether there was no room for what was written: the disk, a quota or a limit on files is full. */
export function isOutOfRoom(error: unknown): boolean {
  return hasCode(error, "ENOSPC", "EDQUOT", "EFBIG");
}

/** Why the system would not read or write a file, in words for a person. */
export function fileReason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (hasCode(error, "ENOENT")) return "there is no such file";
  return hasCode(error, "EACCES") ? "permission denied" : error.message;
}
