import type { ProcessSpec } from "../../kernel/process.ts";
import type { SandboxPlan } from "./plan.ts";
import type { RunPlace } from "./run-in-sandbox.ts";
import { stageOrders } from "./stage-orders.ts";

const namespaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"] as const;

/**
 * The host process that runs a plan with util-linux and Perl alone. `setpriv` makes the kernel kill it
 * with autosd, `--kill-child` hands that on to process 1 inside. `stage.script` is a file that holds
 * the stage script.
 */
export function unshareProcess(
  plan: SandboxPlan,
  place: RunPlace,
  stage: { readonly script: string; readonly architecture: string },
): Pick<ProcessSpec, "command" | "stdin"> {
  const user = plan.identity.drop ? [] : ["--user", "--map-current-user", "--keep-caps"];
  return {
    command: [
      "setpriv",
      "--pdeathsig",
      "KILL",
      "unshare",
      ...user,
      ...namespaces,
      "--fork",
      "--kill-child",
      "perl",
      "-f",
      stage.script,
      ...(plan.isDialogue ? ["dialogue"] : []),
    ],
    stdin: stageOrders(plan, {
      root: place.root,
      status: place.status,
      architecture: stage.architecture,
    }),
  };
}
