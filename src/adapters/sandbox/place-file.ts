import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ids } from "../../kernel/ids.ts";

/**
 * Path of a file in `folder` with exactly this content. Replaced whole, and only when it differs: another
 * autosd may be mounting it at this moment.
 */
export async function placeFile(
  folder: string,
  file: { readonly name: string; readonly content: string | Uint8Array; readonly mode: number },
  ids: Ids,
): Promise<string> {
  const path = join(folder, file.name);
  const wanted = Buffer.from(file.content);
  const found = await readFile(path).catch(() => undefined);
  if (found?.equals(wanted) === true) return path;
  const temporary = join(folder, ids.next("file"));
  await writeFile(temporary, wanted, { mode: file.mode, flag: "wx" });
  await rename(temporary, path);
  return path;
}
