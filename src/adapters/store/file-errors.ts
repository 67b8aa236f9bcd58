import { dirname } from "node:path";
import { AutosdError, DiskFullError } from "../../kernel/errors.ts";
import { StateError } from "../../state/errors.ts";

/** The system's name of a file error (`ENOENT`); undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const full: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** A file error in autosd's words; what has no system code comes back unchanged. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof AutosdError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  if (full.has(code))
    return new DiskFullError(dirname(path), { cause: error, details: { file: path, code } });
  if (code === "ELOOP")
    return new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is a symbolic link.`, {
      cause: error,
    });
  return new StateError("AUTOSD-STATE-IO", `${path} cannot be read or written (${code}).`, {
    cause: error,
  });
}
