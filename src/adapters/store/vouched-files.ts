import { sha256 } from "../../kernel/hash.ts";
import type { OwnRecords } from "../../state/own-records.port.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";

/** Records that later runs go by. */
const vouched: ReadonlySet<string> = new Set([
  "backlog.json",
  "project.json",
  "refined_requirements.json",
]);

/**
 * The same files; what is written to records that later runs go by is remembered as this home's own.
 * Not where another content stands: what comes of it may hold what it claimed.
 */
export function createVouchedFiles(files: ProjectFiles, records: OwnRecords): ProjectFiles {
  /** What this process has written itself need not be read again: it holds the folder's lock. */
  const written = new Set<string>();
  const continuesOwn = async (project: string, path: string): Promise<boolean> => {
    if (written.has(`${project}\n${path}`)) return true;
    // What cannot be read was not written here.
    const there = await files.read(project, path).catch(() => "");
    if (there === undefined) return true;
    return records.knows({ project, name: path, digest: sha256(there) });
  };
  return {
    ...files,
    async write(project, path, content) {
      if (vouched.has(path) && (await continuesOwn(project, path))) {
        await records.remember({ project, name: path, digest: sha256(content) });
        written.add(`${project}\n${path}`);
      }
      await files.write(project, path, content);
    },
  };
}
