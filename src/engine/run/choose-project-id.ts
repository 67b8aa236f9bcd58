import { FlowError } from "./errors.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

type Asked = Pick<RunRequest, "directory" | "projectId">;

const maxIdSuffix = 1000;

/** The id that the folder has; another one that was asked for is refused. */
export function sameProjectId(existing: string, request: Asked): string {
  if (request.projectId !== null && request.projectId !== existing) {
    throw new FlowError(
      "AUTOSD-PROJECT-CONFLICT",
      `${request.directory} is project ${existing}, not ${request.projectId}`,
      { remedy: `Leave out --project-id, or give --project-id ${existing}.` },
    );
  }
  return existing;
}

/** The id that was asked for, else `slug`, with a number when another folder has it. */
export async function chooseProjectId(
  services: Pick<RunServices, "projects">,
  request: Asked,
  slug: string,
): Promise<string> {
  const isFree = async (id: string): Promise<boolean> => {
    const holder = await services.projects.get(id);
    return holder === undefined || holder.directory === request.directory;
  };
  if (request.projectId !== null) {
    if (await isFree(request.projectId)) return request.projectId;
    const holder = await services.projects.get(request.projectId);
    throw new FlowError(
      "AUTOSD-PROJECT-CONFLICT",
      `project id ${request.projectId} belongs to ${holder?.directory ?? "another folder"}`,
      { remedy: `autosd projects show ${request.projectId}` },
    );
  }
  if (await isFree(slug)) return slug;
  for (let suffix = 2; suffix <= maxIdSuffix; suffix += 1) {
    const id = `${slug}-${suffix}`;
    if (await isFree(id)) return id;
  }
  throw new FlowError(
    "AUTOSD-PROJECT-CONFLICT",
    `every id from ${slug} to ${slug}-${maxIdSuffix} is taken`,
    {
      remedy: "Give one with --project-id.",
    },
  );
}
