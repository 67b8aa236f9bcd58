import { join } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import type { PolicyArchive } from "../../governance/policy/policy-archive.port.ts";
import { sha256 } from "../../kernel/hash.ts";
import { readPrivateFile, writePrivateFile } from "./private-files.ts";

const digestPattern = /^sha256:([0-9a-f]{64})$/;
/** Three texts of the largest size, escaped. */
const maxSnapshotBytes = 4 * 1024 * 1024;

/** Policies in `<home>/audit/blobs/<digest>`. */
export function createPolicyBlobs(home: string): PolicyArchive {
  const folder = join(home, "audit", "blobs");
  const kept = new Set<string>();
  const read = async (digest: string): Promise<string | undefined> => {
    const name = digestPattern.exec(digest)?.[1];
    if (name === undefined) return undefined;
    const path = join(folder, name);
    const bytes = await readPrivateFile(path, { maxBytes: maxSnapshotBytes, secrecy: "public" });
    if (bytes === undefined) return undefined;
    if (sha256(bytes) !== digest)
      throw new GovernanceError("AUTOSD-AUDIT-TAMPERED", `${path} is not what it was kept as.`);
    return new TextDecoder().decode(bytes);
  };
  return {
    keep: async (snapshot) => {
      const digest = sha256(snapshot);
      if (kept.has(digest)) return;
      // What stands there damaged is replaced: the text is at hand again.
      const isThere = await read(digest).catch(() => undefined);
      const path = join(folder, digest.slice("sha256:".length));
      if (isThere === undefined)
        await writePrivateFile(path, new TextEncoder().encode(snapshot), { replace: true });
      kept.add(digest);
    },
    read,
  };
}
