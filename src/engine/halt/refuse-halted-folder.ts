import type { ProjectFiles } from "../../state/project-files.port.ts";
import { readIdentity } from "../run/project-identity.ts";
import { type Halts, refuseHalted } from "./refuse-halted.ts";

/**
 * Before a command works in a folder: AUTOSD-HALTED when its project is halted. A folder that is no
 * project yet is asked for by the id that it is to get, if any.
 */
export async function refuseHaltedFolder(
  services: { readonly halts: Halts; readonly files: ProjectFiles },
  directory: string,
  futureId: string | null,
): Promise<void> {
  const identity = await readIdentity(services.files, directory);
  await refuseHalted(services.halts, identity?.projectId ?? futureId ?? undefined);
}
