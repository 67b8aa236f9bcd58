import { GovernanceError } from "../../governance/errors.ts";
import type { PolicyPlace } from "../../governance/policy/policy-source.port.ts";
import type { PolicyWhere } from "./policy-calls.ts";
import type { PolicyServices } from "./policy-services.ts";

/**
 * Where the policy of a question stands: the folder that is named, the one that is remembered for
 * the id, or the working folder when it is (that) project. Undefined: no project is meant.
 */
export async function policyPlace(
  services: PolicyServices,
  where: PolicyWhere,
): Promise<PolicyPlace | undefined> {
  const directory =
    where.directory === undefined ? undefined : await services.resolve(where.directory);
  if (directory !== undefined) {
    const project = where.project ?? (await services.projectAt(directory));
    if (project === undefined)
      throw new GovernanceError("AUTOSD-POLICY-INPUT", `${directory} holds no autosd project.`);
    return { kind: "folder", project, directory };
  }
  const here = await services.projectAt(services.cwd);
  const { project = here } = where;
  if (project === undefined) return undefined;
  const remembered = await services.source.placeOf(project);
  if (remembered.kind === "folder" || here !== project) return remembered;
  return { kind: "folder", project, directory: services.cwd };
}
