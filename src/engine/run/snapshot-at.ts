import type { Vcs } from "../../delivery/agent/vcs.port.ts";

/** A tree as those who look at projects want it. */
export interface Snapshot {
  readonly paths: readonly string[];
  /** Undefined when there is no such file. */
  readonly readText: (path: string) => Promise<string | undefined>;
}

/** The files of a tree, read when they are asked for. */
export async function snapshotAt(
  vcs: Pick<Vcs, "listFiles" | "readFile">,
  directory: string,
  tree: string,
): Promise<Snapshot> {
  const decoder = new TextDecoder();
  return {
    paths: await vcs.listFiles(directory, tree),
    readText: async (path) => {
      const bytes = await vcs.readFile(directory, tree, path);
      return bytes === undefined ? undefined : decoder.decode(bytes);
    },
  };
}
