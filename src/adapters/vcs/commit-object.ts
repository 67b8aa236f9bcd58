import { createHash } from "node:crypto";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { plainBytes } from "../../machine/plain-file.ts";
import type { Repository } from "./repository.ts";

const maxObjectBytes = 1024 * 1024;

/**
 * The tree of a commit whose object lies loose in the repository, as the newest ones do, without
 * starting git. The bytes must hash to the commit's id. `undefined`: git has to be asked.
 */
export async function looseCommitTree(
  repository: Repository,
  commit: string,
): Promise<string | undefined> {
  if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
  const path = join(repository.gitDir, "objects", commit.slice(0, 2), commit.slice(2));
  const packed = await plainBytes(path, maxObjectBytes);
  if (packed === undefined) return undefined;
  const bytes = inflated(packed);
  if (bytes === undefined || createHash("sha1").update(bytes).digest("hex") !== commit)
    return undefined;
  return /^commit \d+\0tree ([0-9a-f]{40})\n/.exec(bytes.toString("latin1", 0, 100))?.[1];
}

function inflated(bytes: Buffer): Buffer | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: maxObjectBytes });
  } catch {
    return undefined;
  }
}
