import type { Vcs } from "../../src/delivery/agent/vcs.port.ts";

/** Texts of a tree's files, by path. */
export type Files = Readonly<Record<string, string>>;

/** Trees that only exist in memory, each with a name, as a version control system would read them. */
export function memoryTrees(
  trees: Readonly<Record<string, Files>>,
): Pick<Vcs, "changes" | "readFile" | "listFiles"> {
  const filesOf = (tree: string): Files => trees[tree] ?? {};
  return {
    async changes(_, from, to) {
      const [before, after] = [filesOf(from), filesOf(to)];
      return [...new Set([...Object.keys(before), ...Object.keys(after)])]
        .sort()
        .filter((path) => before[path] !== after[path])
        .map((path) => ({ path, kind: kindOf(before[path], after[path]) }));
    },
    async readFile(_, tree, path) {
      const text = filesOf(tree)[path];
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    listFiles: async (_, tree) => Object.keys(filesOf(tree)).sort(),
  };
}

function kindOf(before: string | undefined, after: string | undefined) {
  if (before === undefined) return "added";
  return after === undefined ? "deleted" : "modified";
}
