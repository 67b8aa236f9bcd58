import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import { hasCode } from "../../machine/error-code.ts";

/**
 * Linux file system types (statfs) whose locks, renames or syncs are another machine's promise, or
 * some user process's. FUSE is among them: what stands behind it cannot be known.
 */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x19830326, "BeeGFS"],
  [0x47504653, "GPFS"],
  [0x564c, "NCP"],
  [0xaad7aaea, "PanFS"],
  [0x786f4256, "VirtualBox shared folder"],
  [0xbacbacbc, "VMware shared folder"],
]);

/** Reads the type of the file system that a path is on. */
export type FilesystemType = (path: string) => Promise<number>;

/** Name of a network file system; undefined for a local one or one that is not known. */
export function networkFilesystemName(type: number): string | undefined {
  // statfs gives a signed number on some platforms.
  return networkTypes.get(type >>> 0);
}

/**
 * Throws AUTOSD-AUDIT-UNWRITABLE when `path` (or, while it does not exist, the nearest folder above
 * it) is on a network file system: locks there do not hold between machines. Elsewhere than on
 * Linux the types say nothing, and nothing is refused.
 */
export async function refuseNetworkFilesystem(
  path: string,
  typeOf: FilesystemType = systemType,
): Promise<void> {
  if (process.platform !== "linux") return;
  const name = networkFilesystemName(await nearestType(path, typeOf));
  if (name === undefined) return;
  throw new GovernanceError(
    "AUTOSD-AUDIT-UNWRITABLE",
    `${path} is on a network file system (${name}), where a lock does not hold and a sync promises nothing.`,
    {
      remedy: "Point AUTOSD_HOME and AUTOSD_AUDIT_LOG at a local disk.",
      details: { path, filesystem: name },
    },
  );
}

async function systemType(path: string): Promise<number> {
  return (await statfs(path)).type;
}

async function nearestType(path: string, typeOf: FilesystemType): Promise<number> {
  let folder = path;
  for (;;) {
    try {
      return await typeOf(folder);
    } catch (error) {
      const above = dirname(folder);
      if (!hasCode(error, "ENOENT") || above === folder) throw unreadable(path, error);
      folder = above;
    }
  }
}

function unreadable(path: string, cause: unknown): GovernanceError {
  return new GovernanceError(
    "AUTOSD-AUDIT-UNWRITABLE",
    `The file system of ${path} cannot be looked at.`,
    { cause, details: { path } },
  );
}
