import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode } from "../../machine/error-code.ts";
import { unreadable, type Repository } from "./repository.ts";

const maxWorkTrees = 1_000;

/** The folder of a linked work tree of the repository that has a branch checked out. */
export async function workTreeOn(repository: Repository, ref: string): Promise<string | undefined> {
  const folder = join(repository.gitDir, "worktrees");
  const names = await readdir(folder).catch(absent(folder, []));
  for (const name of names.slice(0, maxWorkTrees)) {
    const head = await firstLine(join(folder, name, "HEAD"));
    if (head !== `ref: ${ref}`) continue;
    const place = await firstLine(join(folder, name, "gitdir"));
    return place === "" ? name : dirname(place);
  }
  return undefined;
}

async function firstLine(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(absent(path, ""));
  return text.split("\n", 1)[0] ?? "";
}

function absent<T>(path: string, instead: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return instead;
    throw unreadable(path, error);
  };
}
