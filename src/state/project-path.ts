import { StateError } from "./errors.ts";

const maxPathLength = 1_024;

/**
 * The parts of a path below `.autosd`; `.` alone is the folder itself. Throws
 * AUTOSD-STATE-PATH-REFUSED for whatever could lead elsewhere.
 */
export function projectPathParts(path: string): readonly string[] {
  if (path === ".") return [];
  const parts = path.split("/");
  const isSafe = path.length <= maxPathLength && parts.every(isName) && !/[\\\0]/.test(path);
  if (isSafe) return parts;
  throw new StateError(
    "AUTOSD-STATE-PATH-REFUSED",
    `${JSON.stringify(path.slice(0, 200))} is not a path inside .autosd.`,
    { remedy: "Report this as a bug in autosd." },
  );
}

/** Throws AUTOSD-STATE-VALUE-REFUSED for a record that would be more than one line. */
export function refuseLineBreaks(line: string, path: string): void {
  if (/[\n\r]/.test(line))
    throw new StateError("AUTOSD-STATE-VALUE-REFUSED", `A record for ${path} has a line break.`);
}

function isName(part: string): boolean {
  return part !== "" && part !== "." && part !== "..";
}
