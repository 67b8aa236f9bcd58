import { dirname } from "node:path";
import { AutosdError, DiskFullError } from "../../kernel/errors.ts";
import { codeOf, isOutOfRoom } from "../../machine/error-code.ts";
import { StateError } from "../../state/errors.ts";

/** A file error in autosd's words; what has no system code comes back unchanged. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof AutosdError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (isOutOfRoom(error))
    return new DiskFullError(dirname(path), { cause: error, details: { file: path, code } });
  if (code === "ELOOP")
    return new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is a symbolic link.`, {
      cause: error,
    });
  return new StateError("AUTOSD-STATE-IO", `${path} cannot be read or written (${code}).`, {
    cause: error,
  });
}
