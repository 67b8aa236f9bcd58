import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Workspaces } from "../../engine/ports/workspaces.port.ts";
import { codeOf } from "./contained-folder.ts";
import { openWorkspace } from "./folder-workspace.ts";

/** No workspace is called like this: a dot in its name becomes an underscore. */
const discardedPrefix = ".discarded-";

/**
 * Workspaces in `<scratch>/<name>`. `scratch` is a 0700 folder below AUTOSD_HOME, so that nobody
 * else plants a link where an attempt is about to be written.
 */
export function createScratchWorkspaces(options: {
  readonly scratch: string;
  readonly vcs: Vcs;
}): Workspaces {
  const bin = new Bin(options.scratch);
  return {
    async open({ repository, tree, name }) {
      const root = join(options.scratch, name.replaceAll(/[^A-Za-z0-9_-]/g, "_"));
      await rm(root, { recursive: true, force: true });
      await mkdir(root, { recursive: true, mode: 0o700 });
      await bin.emptied();
      await options.vcs.materialise(repository, tree, root);
      return openWorkspace({ root, baseTree: tree });
    },
    async fill({ root }, from) {
      // Whatever is in the way of that, a folder filled anew does not have it.
      await options.vcs
        .refill(from.repository, from.tree, root)
        .catch(() => fill(options.vcs, root, from));
    },
    discard: (workspace: Workspace) => bin.take(workspace.root),
  };
}

/** The folder itself stays: whoever works in it knows it by its path. */
async function fill(
  vcs: Vcs,
  root: string,
  from: { readonly repository: string; readonly tree: string },
): Promise<void> {
  const beside = await mkdtemp(`${root}-fill-`);
  try {
    await vcs.materialise(from.repository, from.tree, beside);
    for (const name of await readdir(root))
      await rm(join(root, name), { recursive: true, force: true });
    for (const name of await readdir(beside)) await rename(join(beside, name), join(root, name));
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Folders that are gone from their place at once, and from the disk while the run goes on. */
class Bin {
  readonly #folder: string;
  #taken = 0;
  #removal: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async take(root: string): Promise<void> {
    this.#taken += 1;
    const place = join(this.#folder, `${discardedPrefix}${process.pid}-${this.#taken}`);
    try {
      await rename(root, place);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") await rm(root, { recursive: true, force: true });
      return;
    }
    this.#removal = this.emptied().then(() => removed(place));
  }

  /** Waits for what was taken, so that no more than one folder is on its way out. */
  async emptied(): Promise<void> {
    this.#removal ??= this.#sweep();
    await this.#removal;
  }

  /** What a killed process has left; of two that sweep at once, both succeed. */
  async #sweep(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(discardedPrefix)))
      await removed(join(this.#folder, name));
  }
}

/** What cannot be removed now is swept by a later process. */
async function removed(place: string): Promise<void> {
  await rm(place, { recursive: true, force: true }).catch(() => undefined);
}
