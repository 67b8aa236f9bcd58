import { basename, dirname } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import { AutosdError, DiskFullError } from "../../kernel/errors.ts";
import { codeOf, isOutOfRoom } from "../../machine/error-code.ts";
import { StateError } from "../../state/errors.ts";

/** What `work` gives; its file errors in autosd's words. */
export async function translated<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, path);
  }
}

/** What the system says of something that is not what its place calls for. */
const wrongKinds: ReadonlyMap<string, string> = new Map([
  ["ELOOP", "is a symbolic link"],
  ["ENXIO", "is not a file"],
  ["EISDIR", "is not a file"],
  ["ENOTDIR", "is not in a folder"],
  ["EEXIST", "is not a folder"],
]);

/** A file error in autosd's words; whatever has no system code comes back unchanged. */
export function translate(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof AutosdError) return error;
  if (isOutOfRoom(error))
    return new DiskFullError(dirname(path), { cause: error, details: { file: path, code } });
  const kind = wrongKinds.get(code);
  if (kind !== undefined)
    return new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} ${kind}.`, {
      remedy: `ls -l ${path}`,
      cause: error,
      details: { path, entry: basename(path) },
    });
  return new StateError("AUTOSD-STATE-IO", `${path} cannot be read or written (${code}).`, {
    cause: error,
  });
}
