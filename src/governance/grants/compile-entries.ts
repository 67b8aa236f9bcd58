import type { Environment, PrivilegedActionName } from "./action.ts";
import type { GrantEntry } from "./grant.ts";
import type { RightWishes, RefusedWish } from "./grant-wishes.ts";

type Entries = { readonly kind: "entries"; readonly entries: readonly GrantEntry[] } | RefusedWish;

const entryType = "autosd/privileged";

/**
 * One entry for each rectangle that was asked for: deploying into its environments, what keeps
 * deployments running in theirs, and what has no environment. No flag widens another's entry.
 */
export function entriesOf(wishes: RightWishes): Entries {
  const locations = [...new Set(wishes.projectIds)];
  if (locations.length === 0)
    return refused("Name the projects that the grant is for.", "--project-ids <id>");
  if (locations.includes("*") && locations.length > 1)
    return refused("--project-ids * is all projects; name it alone.", "--project-ids *");
  const running = runningEnvironments(wishes);
  if (running.kind === "refused") return running;
  const targets = [...new Set(wishes.targets ?? ["*"])];
  const groups: readonly {
    actions: PrivilegedActionName[];
    environments: readonly Environment[];
  }[] = [
    {
      actions: wishes.autoDeploy.length > 0 ? ["deploy", "promote"] : [],
      environments: wishes.autoDeploy,
    },
    { actions: runningActions(wishes), environments: running.environments },
    { actions: placelessActions(wishes), environments: [] },
  ];
  const entries = groups
    .filter(({ actions }) => actions.length > 0)
    .map(
      ({ actions, environments }) =>
        ({
          type: entryType,
          actions,
          locations,
          environments: [...new Set(environments)],
          targets: environments.length > 0 ? targets : [],
        }) satisfies GrantEntry,
    );
  if (entries.length === 0)
    return refused("The grant allows nothing: name what it is for.", "--auto-deploy-dev");
  if (wishes.targets !== undefined && entries.every((entry) => entry.targets.length === 0))
    return refused("--targets narrows actions in environments, and there are none.", "--targets");
  return { kind: "entries", entries };
}

function runningActions(wishes: RightWishes): PrivilegedActionName[] {
  return [
    ...(wishes.autoRollback ? ["rollback" as const] : []),
    ...(wishes.autoHeal ? ["heal" as const] : []),
    ...(wishes.rotateDeployments ? ["rotate-deployment" as const] : []),
  ];
}

/** A patch changes code and pushes it: leave to push is what it needs. */
function placelessActions(wishes: RightWishes): PrivilegedActionName[] {
  return [
    ...(wishes.autoPush ? ["push" as const, "patch" as const] : []),
    ...(wishes.autoMergePr ? ["merge-pr" as const] : []),
    ...(wishes.createRepos ? ["create-repo" as const] : []),
  ];
}

function runningEnvironments(
  wishes: RightWishes,
): { readonly kind: "environments"; readonly environments: readonly Environment[] } | RefusedWish {
  const { environments = [], autoDeploy } = wishes;
  if (runningActions(wishes).length === 0) {
    if (environments.length === 0) return { kind: "environments", environments: [] };
    return refused(
      "--environments is where to roll back, heal and rotate; deploying has flags of its own.",
      `--auto-deploy-${environments[0] ?? "dev"}`,
    );
  }
  const chosen = environments.length > 0 ? environments : autoDeploy;
  if (chosen.length > 0) return { kind: "environments", environments: chosen };
  return refused(
    "Say in which environments to roll back, heal or rotate.",
    "--environments <dev|staging|prod>",
  );
}

function refused(problem: string, flag: string): RefusedWish {
  return { kind: "refused", problem, flag };
}
