import { GovernanceError } from "../../governance/errors.ts";
import { readPrivateFile } from "./private-files.ts";

const maxTokenBytes = 16 * 1024;

/**
 * The first line of a file that only its owner can read; undefined when none is configured. Throws
 * AUTOSD-PREAUTH-STORE for a missing, empty or loose file.
 */
export async function readToken(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const bytes = await readPrivateFile(file, { maxBytes: maxTokenBytes, secrecy: "secret" });
  const [line = ""] = new TextDecoder().decode(bytes ?? new Uint8Array()).split(/\r?\n/, 1);
  if (line.trim() !== "") return line.trim();
  const what = bytes === undefined ? "There is no file" : "No token is in";
  throw new GovernanceError("AUTOSD-PREAUTH-STORE", `${what} ${file}.`, {
    remedy: `ls -l ${file}`,
  });
}
