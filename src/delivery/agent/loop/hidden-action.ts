import type { Denial } from "../../backlog/denial.ts";
import { deniedAction, shells, withoutCarriers } from "./denied-action.ts";
import { shellStatements } from "./shell-statements.ts";

/** Reads a file of the workspace; undefined: there is none, or none that may be read. */
export type ReadText = (path: string) => Promise<string | undefined>;

const managers: ReadonlySet<string> = new Set(["npm", "pnpm", "yarn", "bun"]);
/** Scripts that a package manager runs without `run`. */
const ownScripts: ReadonlySet<string> = new Set(["test", "t", "start", "stop", "restart"]);
const interpreters: ReadonlySet<string> = new Set([
  ...["node", "tsx", "deno", "bun", "python", "python3", "ruby", "perl"],
]);
/** A script that calls a script that calls one ... */
const maxDepth = 4;
const maxScripts = 100;
const maxScriptCharacters = 256 * 1024;
/** Texts in a program that may be commands. */
const maxTexts = 2_000;

/**
 * What a command that failed would have done to the world, where the script or the package script
 * that it ran holds it. Nothing of it was done: the sandbox has neither the way nor the key. It only
 * says why the command failed. Undefined: nothing of the kind is in it.
 */
export async function hiddenAction(
  command: string,
  readText: ReadText,
): Promise<Denial | undefined> {
  return inCommand(command, { readText, seen: new Set() }, 0);
}

interface Search {
  readonly readText: ReadText;
  /** Each script is looked into once, however often it is called. */
  readonly seen: Set<string>;
}

async function inCommand(
  command: string,
  search: Search,
  depth: number,
): Promise<Denial | undefined> {
  const plain = deniedAction(command);
  if (plain !== undefined || depth >= maxDepth) return plain;
  for (const statement of shellStatements(command)) {
    const words = withoutCarriers(statement);
    const found = await inStatement(words, search, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function inStatement(
  words: readonly string[],
  search: Search,
  depth: number,
): Promise<Denial | undefined> {
  const [path = ""] = words;
  const program = path.split("/").at(-1) ?? "";
  const rest = words.slice(1).filter((word) => !word.startsWith("-"));
  if (managers.has(program)) return inPackageScript(rest, search, depth);
  const isRun = shells.has(program) || program === "." || program === "source";
  const [first] = rest;
  if (isRun) return first === undefined ? undefined : inScript(first, search, depth);
  if (interpreters.has(program)) return first === undefined ? undefined : inProgram(first, search);
  if (!path.includes("/")) return undefined;
  return (await inScript(path, search, depth)) ?? inProgram(path, search);
}

async function inPackageScript(
  [verb = "", name = ""]: readonly string[],
  search: Search,
  depth: number,
): Promise<Denial | undefined> {
  const asked = verb === "run" || verb === "run-script" ? name : verb;
  const called = asked === "t" ? "test" : asked;
  if (called === verb && !ownScripts.has(verb) && verb !== "test") return undefined;
  const scripts = scriptsIn(await search.readText("package.json"));
  for (const one of [`pre${called}`, called, `post${called}`]) {
    const script = isNew(search, `npm run ${one}`) ? scripts.get(one) : undefined;
    const found = script === undefined ? undefined : await inCommand(script, search, depth);
    if (found !== undefined) return found;
  }
  return undefined;
}

function scriptsIn(text: string | undefined): ReadonlyMap<string, string> {
  try {
    const parsed: unknown = text === undefined ? undefined : JSON.parse(text);
    const scripts: unknown =
      typeof parsed === "object" && parsed !== null && "scripts" in parsed ? parsed.scripts : {};
    if (typeof scripts !== "object" || scripts === null) return new Map();
    const entries: readonly (readonly [string, unknown])[] = Object.entries(scripts);
    return new Map(
      entries.flatMap(([name, script]) =>
        typeof script === "string" ? [[name, script] as const] : [],
      ),
    );
  } catch {
    return new Map();
  }
}

async function inScript(path: string, search: Search, depth: number): Promise<Denial | undefined> {
  if (!isNew(search, `sh ${plainPath(path)}`)) return undefined;
  const text = await search.readText(plainPath(path));
  if (text === undefined || text.length > maxScriptCharacters) return undefined;
  // A program of another language is no shell text.
  const [first = ""] = text.split("\n", 1);
  if (first.startsWith("#!") && !/\b(?:sh|bash|dash|zsh)\b/.test(first)) return undefined;
  return inCommand(text, search, depth);
}

/** Commands that a program in another language runs stand in it as texts. */
async function inProgram(path: string, search: Search): Promise<Denial | undefined> {
  if (!isNew(search, plainPath(path))) return undefined;
  const text = await search.readText(plainPath(path));
  if (text === undefined || text.length > maxScriptCharacters) return undefined;
  // `"git", ["push", "origin"]` is one command.
  const joined = text.replaceAll(/(["'`])\s*,\s*\[?\s*["'`]/g, " ");
  let texts = 0;
  for (const [, , said = ""] of joined.matchAll(/(["'`])([a-z][^"'`\n]{3,200})\1?/g)) {
    texts += 1;
    if (texts > maxTexts) return undefined;
    const found = deniedAction(said);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isNew({ seen }: Search, name: string): boolean {
  if (seen.has(name) || seen.size >= maxScripts) return false;
  seen.add(name);
  return true;
}

function plainPath(path: string): string {
  return path.replace(/^(?:\.\/+)+/, "");
}
