import { z } from "zod";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { readRecord, writeRecord } from "../projects/project-record.ts";

/** `.autosd/project.json`: what makes a folder an autosd project. */
export const projectIdentitySchema = z.object({
  schema: z.literal("autosd/project@1"),
  projectId: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  title: z.string(),
  createdAt: z.string(),
  /** Of a repository that autosd did not create: the branch that its runs work on. */
  branch: z.string().optional(),
});
export type ProjectIdentity = z.infer<typeof projectIdentitySchema>;

/** Below `.autosd`. */
export const identityFile = "project.json";

/** Undefined when the folder is no autosd project; a file that cannot be parsed is an error, never overwritten. */
export async function readIdentity(
  files: ProjectFiles,
  directory: string,
): Promise<ProjectIdentity | undefined> {
  return readRecord(files, { directory, path: identityFile }, projectIdentitySchema);
}

export async function writeIdentity(
  files: ProjectFiles,
  directory: string,
  identity: ProjectIdentity,
): Promise<void> {
  await writeRecord(files, { directory, path: identityFile }, identity);
}
