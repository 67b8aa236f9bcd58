import { GovernanceError } from "../../governance/errors.ts";
import { readPrivateFile } from "./private-files.ts";

const maxTokenBytes = 16 * 1024;

/**
 * The first line of a file that only its owner can read; undefined when none is configured. Throws
 * AUTOSD-PREAUTH-STORE for a missing, empty or loose file.
 */
export async function readToken(
  file: string | undefined,
  what: "token" | "key" = "token",
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const bytes = await readPrivateFile(file, { maxBytes: maxTokenBytes, secrecy: "secret" });
  const [line = ""] = new TextDecoder().decode(bytes ?? new Uint8Array()).split(/\r?\n/, 1);
  if (line.trim() !== "") return line.trim();
  const why =
    bytes === undefined
      ? `There is no file ${file}.`
      : `No ${what} is in the first line of ${file}.`;
  throw new GovernanceError("AUTOSD-PREAUTH-STORE", why, {
    remedy: `Write the ${what} into it, for nobody else to read: (umask 077; cat > '${file.replaceAll("'", "'\\''")}')`,
  });
}
