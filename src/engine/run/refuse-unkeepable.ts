import { AutosdError } from "../../kernel/errors.ts";
import { FlowError } from "./errors.ts";
import type { ExistingProject } from "./existing-project.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/**
 * A tree that could not be written down again as it is (a link that leads out, a huge file, a name
 * that cannot be shown) would fail every story, after it was paid for. Refused before.
 */
export async function refuseUnkeepable(
  services: Pick<RunServices, "repositories" | "workspaces">,
  { directory }: Pick<RunRequest, "directory">,
  { branch, tree }: Pick<ExistingProject, "branch" | "tree">,
  runId: string,
): Promise<void> {
  const vcs = services.repositories.onBranch(branch);
  const name = `${runId}-base`;
  const workspace = await services.workspaces.open({ repository: directory, tree, name });
  try {
    const again = await vcs.snapshot(directory, workspace.root);
    if (again === tree) return;
    const changed = await vcs.changes(directory, tree, again);
    const paths = changed.slice(0, 3).map(({ path }) => path);
    throw unkeepable(directory, `${paths.join(", ")} cannot be kept as it is`);
  } catch (error) {
    if (error instanceof AutosdError && error.code === "AUTOSD-VCS-UNSAFE")
      throw unkeepable(directory, error.message, error);
    throw error;
  } finally {
    await services.workspaces.discard(workspace);
  }
}

function unkeepable(directory: string, reason: string, cause?: unknown): FlowError {
  return new FlowError(
    "AUTOSD-REPOSITORY-UNSUITED",
    `${directory} cannot be worked on: ${reason}`,
    { remedy: "Take it out of the repository, then run the command again.", cause },
  );
}
