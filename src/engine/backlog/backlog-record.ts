import { type Backlog, backlogSchema } from "../../delivery/backlog/backlog.ts";
import { BacklogError } from "../../delivery/backlog/errors.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { notAProject, projectPaths, readRecord, writeRecord } from "../projects/project-record.ts";

/** The folder's backlog, undefined when it has none. A damaged one is AUTOSD-BACKLOG-INVALID. */
export async function findBacklog(
  files: ProjectFiles,
  directory: string,
): Promise<Backlog | undefined> {
  return readRecord(
    files,
    { directory, path: projectPaths.backlog },
    backlogSchema,
    (file, reason) =>
      new BacklogError("AUTOSD-BACKLOG-INVALID", `${file} cannot be used. ${reason}`, {
        details: { file },
        remedy: `Restore ${file} from a copy, or move it away and run: autosd backlog refine --project ${directory}`,
      }),
  );
}

/** The folder's backlog. Without one the folder is no project: AUTOSD-PROJECT-NOT-FOUND. */
export async function readBacklog(files: ProjectFiles, directory: string): Promise<Backlog> {
  const backlog = await findBacklog(files, directory);
  if (backlog === undefined) throw notAProject(directory);
  return backlog;
}

/** Replaces the folder's backlog. The caller has read the one before: a damaged file is never reached. */
export async function writeBacklog(
  files: ProjectFiles,
  directory: string,
  backlog: Backlog,
): Promise<void> {
  await writeRecord(files, { directory, path: projectPaths.backlog }, backlog);
}
