import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Workspaces } from "../../engine/ports/workspaces.port.ts";
import { openWorkspace } from "./folder-workspace.ts";

/**
 * Workspaces in `<scratch>/<name>`. `scratch` is a 0700 folder below AUTOSD_HOME, so that nobody
 * else plants a link where an attempt is about to be written.
 */
export function createScratchWorkspaces(options: {
  readonly scratch: string;
  readonly vcs: Vcs;
}): Workspaces {
  return {
    async open({ repository, tree, name }) {
      const root = join(options.scratch, name.replaceAll(/[^A-Za-z0-9_.-]/g, "_"));
      await rm(root, { recursive: true, force: true });
      await mkdir(root, { recursive: true, mode: 0o700 });
      await options.vcs.materialise(repository, tree, root);
      return openWorkspace({ root, baseTree: tree });
    },
    async discard(workspace: Workspace) {
      await rm(workspace.root, { recursive: true, force: true });
    },
  };
}
