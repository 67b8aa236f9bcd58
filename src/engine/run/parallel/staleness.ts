import { ignoredNames } from "../../../delivery/agent/ignored-names.ts";
import { pathPattern } from "../../../delivery/agent/loop/line-pattern.ts";
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
  readonly vcs: Pick<Vcs, "changes" | "readFile" | "listFiles">;
  readonly directory: string;
}

type Change = Awaited<ReturnType<Vcs["changes"]>>[number];

interface Comparison<R extends Read = Read> {
  readonly read: R;
  readonly changes: readonly Change[];
  /** Of what lists and searches show: a `.gitignore` hides files that are there. */
  readonly shown: readonly Change[];
  readonly from: string;
  readonly to: string;
}

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
  const ignores = changes.find(({ path, kind }) => isIgnoreFile(path) && kind !== "added");
  // What it hid is no part of the attempt's tree, and would be one now.
  if (ignores !== undefined) return `${told(ignores)}, which says what is committed`;
  const shown = await changesShown(reader, { changes, from, to });
  for (const read of reads) {
    const compared = { read, changes, shown, from, to };
    const why = await whyReadIsStale(reader, compared, signal);
    if (why !== undefined) return why;
  }
  return undefined;
}

async function whyReadIsStale(
  reader: TreeReader,
  { read, changes, shown, from, to }: Comparison,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (read.kind) {
    case "file":
      return words(
        read.isWritten === true ? "which it had written" : "which it had read",
        changes.find((change) => touches(change, read.path)),
      );
    case "outline":
      return words(
        "which it had been shown",
        changes.find(({ kind }) => kind === "deleted"),
      );
    case "listing":
      return words(
        `in what it had listed`,
        below(shown, read.folder).find(({ kind }) => kind !== "modified"),
      );
    case "command":
      return words(
        read.inputs === undefined
          ? "after it had run a command"
          : "on which a command that it had run depends",
        changes.find((change) => (read.inputs ?? [""]).some((input) => dependsOn(input, change))),
      );
    case "search":
      return whySearchIsStale(
        reader,
        { read, changes, shown: below(shown, read.folder), from, to },
        signal,
      );
  }
}

/** A file in the place of one of its folders, or of a folder of that name, is in its way. */
function touches({ path, kind }: Change, read: string): boolean {
  if (path === read) return true;
  return kind !== "modified" && (path.startsWith(`${read}/`) || read.startsWith(`${path}/`));
}

/** What is no plain path (a pattern, a way up, a place outside) may be anything. */
function dependsOn(input: string, change: Change): boolean {
  const path = input.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  const isPlain = path
    .split("/")
    .every((name) => name !== "" && !/^\.{1,2}$|[*?[\]{}~$\\]/.test(name));
  return !isPlain || change.path === path || change.path.startsWith(`${path}/`);
}

/** Only files that differ can make a difference to what is found. */
async function whySearchIsStale(
  { vcs, directory }: TreeReader,
  { read, shown, from, to }: Comparison<Extract<Read, { readonly kind: "search" }>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const why = `in what it had searched for ${JSON.stringify(read.text)}`;
  const isMeant = read.files === undefined ? () => true : pathPattern(read.files);
  for (const change of shown.filter(({ path }) => isMeant(path))) {
    // What fits a pattern is not looked for here: a change of anything that was searched counts.
    if (read.isPattern === true) return words(why, change);
    const found = (tree: string, isThere: boolean): Promise<string> =>
      searchFiles(
        {
          list: async () => (isThere ? [change.path] : []),
          read: (path) => vcs.readFile(directory, tree, path),
        },
        { ...read, folder: undefined },
        signal,
      );
    const before = await found(from, change.kind !== "added");
    if (before !== (await found(to, change.kind !== "deleted"))) return words(why, change);
  }
  return undefined;
}

const rootIgnores = ".gitignore";

function isIgnoreFile(path: string): boolean {
  return path === rootIgnores || path.endsWith(`/${rootIgnores}`);
}

/** Changes as lists of files show them: what a new `.gitignore` hides is gone. */
async function changesShown(
  { vcs, directory }: TreeReader,
  { changes, from, to }: Pick<Comparison, "changes" | "from" | "to">,
): Promise<readonly Change[]> {
  if (!changes.some(({ path }) => path === rootIgnores)) return changes;
  const bytes = await vcs.readFile(directory, to, rootIgnores);
  const hidden = ignoredNames(bytes === undefined ? "" : new TextDecoder().decode(bytes));
  const isHidden = (path: string): boolean => path.split("/").some((name) => hidden.has(name));
  const gone = (await vcs.listFiles(directory, from)).filter((path) => isHidden(path));
  return [
    ...changes.filter(({ path }) => !isHidden(path)),
    ...gone.map((path) => ({ path, kind: "deleted" as const })),
  ];
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
