import type { ExistingRepositories } from "../../delivery/agent/existing-repository.port.ts";
import type { CheckoutState, Vcs } from "../../delivery/agent/vcs.port.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import { readIdentity } from "../run/project-identity.ts";

/** What a project's own branch holds: in somebody's repository that is not what is checked out. */
export async function projectHead(
  services: {
    readonly vcs: Pick<Vcs, "inspect">;
    readonly repositories: Pick<ExistingRepositories, "survey">;
    readonly files: ProjectFiles;
  },
  directory: string,
): Promise<CheckoutState> {
  const branch = (await readIdentity(services.files, directory))?.branch;
  if (branch === undefined) return services.vcs.inspect(directory);
  const survey = await services.repositories.survey(directory, branch);
  if (survey.kind !== "repository") return { kind: "absent" };
  const { target, dirty } = survey;
  const head = "commit" in target ? target.commit : undefined;
  return { kind: "repository", head, branch, dirty };
}
