import { isOwnRecord } from "../projects/own-record.ts";
import { FlowError } from "./errors.ts";
import { chooseProjectId, sameProjectId } from "./choose-project-id.ts";
import { identityFile, type ProjectIdentity, readIdentity } from "./project-identity.ts";
import { shellWord } from "./repeat-command.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

type Settling = Pick<RunServices, "files" | "own" | "projects" | "observe">;

/**
 * The id that a folder works under. Grants, halts and policies go by it, so a folder that merely says
 * an id does not get it while another folder has it: only a project of this home that was moved does.
 */
export async function settleProjectId(
  services: Settling,
  request: Pick<RunRequest, "directory" | "projectId">,
  found: { readonly identity: ProjectIdentity | undefined; readonly slug: string },
): Promise<string> {
  const { identity, slug } = found;
  if (identity === undefined) return chooseProjectId(services, request, slug);
  const { directory, projectId: asked } = request;
  const { projectId } = identity;
  const holder = await services.projects.get(projectId);
  if (holder === undefined || holder.directory === directory)
    return sameProjectId(projectId, request);
  if (asked !== null && asked !== projectId) return chooseProjectId(services, request, asked);
  if (await wasMoved(services, holder.directory, { directory, projectId })) {
    const message = `project ${projectId} was in ${holder.directory}; from now on it is in ${directory}`;
    services.observe({ kind: "notice", message });
    return projectId;
  }
  throw new FlowError(
    "AUTOSD-PROJECT-CONFLICT",
    `${directory} calls itself project ${projectId}, which is ${holder.directory} on this machine`,
    {
      remedy: `Give the copy an id of its own: --project-id ${shellWord(`${projectId}-copy`)}`,
      details: { directory, projectId, holder: holder.directory },
    },
  );
}

async function wasMoved(
  services: Settling,
  before: string,
  now: { readonly directory: string; readonly projectId: string },
): Promise<boolean> {
  if (!(await isOwnRecord(services, now.directory, identityFile))) return false;
  const left = await readIdentity(services.files, before).catch(() => undefined);
  return left?.projectId !== now.projectId;
}
