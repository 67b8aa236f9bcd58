import { sha256 } from "../../kernel/hash.ts";
import type { OwnRecords } from "../../state/own-records.port.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";

/** What telling a folder's own records from those that came with it needs. */
export interface RecordServices {
  readonly files: ProjectFiles;
  readonly own: OwnRecords;
}

/** What telling them apart without vouching for any needs. */
export interface KnownRecords {
  readonly files: Pick<ProjectFiles, "read">;
  readonly own: Pick<OwnRecords, "knows">;
}

/** Whether this home wrote a record as it stands. True for one that is not there: it claims nothing. */
export async function isOwnRecord(
  { files, own }: KnownRecords,
  project: string,
  name: string,
): Promise<boolean> {
  const text = await files.read(project, name);
  return text === undefined || own.knows({ project, name, digest: sha256(text) });
}

/** From now on a record counts as it stands: whatever it claims has been proven or made here. */
export async function vouchFor(
  { files, own }: RecordServices,
  project: string,
  name: string,
): Promise<void> {
  const text = await files.read(project, name);
  if (text !== undefined) await own.remember({ project, name, digest: sha256(text) });
}
