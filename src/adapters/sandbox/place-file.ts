import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../machine/whole-file.ts";

/**
 * Path of a file in `folder` with exactly this content. Replaced whole, and only when it differs: another
 * autosd may be mounting it at this moment.
 */
export async function placeFile(
  folder: string,
  file: { readonly name: string; readonly content: string | Uint8Array; readonly mode: number },
): Promise<string> {
  const path = join(folder, file.name);
  const wanted = Buffer.from(file.content);
  const found = await readFile(path).catch(() => undefined);
  if (found?.equals(wanted) === true) return path;
  await replaceFile(path, wanted, { mode: file.mode, sync: "nothing" });
  return path;
}
