import { filesBelow, searchFiles } from "../../../delivery/agent/loop/search-files.ts";
import type { Read } from "../../../delivery/agent/read-set.ts";
import type { Vcs } from "../../../delivery/agent/vcs.port.ts";

/**
 * When an answer that was fetched ahead of its turn counts as stale: `read-set`: when something that
 * it has read is otherwise now; `workspace`: when anything is.
 */
export const stalenessRules = ["read-set", "workspace"] as const;
export type StalenessRule = (typeof stalenessRules)[number];

/** What an attempt read of `from`; what is there now is `to`. Both are trees. */
export interface StalenessQuestion {
  readonly reads: readonly Read[];
  readonly from: string;
  readonly to: string;
  readonly rule: StalenessRule;
}

export interface TreeReader {
  readonly vcs: Pick<Vcs, "changes" | "readFile">;
  readonly directory: string;
}

type Change = Awaited<ReturnType<Vcs["changes"]>>[number];

/**
 * Why an attempt is stale, by the rule and the path that made it so; undefined: it is not. Trees
 * name their content, so that reads are compared without having been kept: a read is stale when it
 * would give something else on the second tree.
 */
export async function whyStale(
  reader: TreeReader,
  question: StalenessQuestion,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { reads, from, to, rule } = question;
  if (from === to) return undefined;
  const changes = await reader.vcs.changes(reader.directory, from, to);
  const [first] = changes;
  if (first === undefined) return undefined;
  if (rule === "workspace") return `${told(first)}; any change counts`;
  for (const read of reads) {
    const why = await whyReadIsStale(reader, { read, changes, from, to }, signal);
    if (why !== undefined) return why;
  }
  return undefined;
}

async function whyReadIsStale(
  reader: TreeReader,
  { read, changes, from, to }: Comparison,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (read.kind) {
    case "file":
      return words(
        "which it had read",
        changes.find(({ path }) => path === read.path),
      );
    case "outline":
      return words(
        "which it had been shown",
        changes.find(({ kind }) => kind === "deleted"),
      );
    case "listing":
      return words(
        `in what it had listed`,
        below(changes, read.folder).find(({ kind }) => kind !== "modified"),
      );
    case "command":
      return words(
        read.inputs === undefined
          ? "after it had run a command"
          : "on which a command that it had run depends",
        read.inputs === undefined
          ? changes[0]
          : read.inputs.flatMap((input) => below(changes, input))[0],
      );
    case "search":
      return whySearchIsStale(
        reader,
        { read, changes: below(changes, read.folder), from, to },
        signal,
      );
  }
}

interface Comparison<R extends Read = Read> {
  readonly read: R;
  readonly changes: readonly Change[];
  readonly from: string;
  readonly to: string;
}

/** Only files that differ can make a difference to what is found. */
async function whySearchIsStale(
  { vcs, directory }: TreeReader,
  { read, changes, from, to }: Comparison<Extract<Read, { readonly kind: "search" }>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  // What fits a pattern is not looked for here: a change of anything that was searched counts.
  if (read.isPattern === true)
    return words(`in what it had searched for ${JSON.stringify(read.text)}`, changes[0]);
  for (const change of changes) {
    const found = (tree: string): Promise<string> =>
      searchFiles(
        { list: async () => [change.path], read: (path) => vcs.readFile(directory, tree, path) },
        { ...read, folder: undefined },
        signal,
      );
    if ((await found(from)) !== (await found(to)))
      return words(`in what it had searched for ${JSON.stringify(read.text)}`, change);
  }
  return undefined;
}

function below(changes: readonly Change[], folder: string | undefined): readonly Change[] {
  const paths = new Set(
    filesBelow(
      changes.map(({ path }) => path),
      folder,
    ),
  );
  return changes.filter(({ path }) => paths.has(path));
}

function words(why: string, change: Change | undefined): string | undefined {
  return change === undefined ? undefined : `${told(change)}, ${why}`;
}

function told({ path, kind }: Change): string {
  return `${path} was ${kind}`;
}
