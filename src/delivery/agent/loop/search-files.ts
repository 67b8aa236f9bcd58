import { pathPattern, type CompiledPattern, type CompilePattern } from "./line-pattern.ts";
import type { Workspace } from "../workspace.port.ts";

const maxHits = 100;
const maxFiles = 20_000;
const maxTotalBytes = 64 * 1024 * 1024;
/** A pattern takes longer than a text. */
const maxPatternBytes = 16 * 1024 * 1024;
const maxFileBytes = 2 * 1024 * 1024;
const maxLineCharacters = 240;

/** What is looked for, and in which files. */
export interface SearchQuestion {
  readonly text: string;
  readonly folder: string | undefined;
  readonly ignoreCase: boolean;
  /** The text is a regular expression. */
  readonly isPattern?: boolean | undefined;
  /** A glob that the paths have to fit; undefined: all do. */
  readonly files?: string | undefined;
}

/** Lines that hold the text, as `path:line: text`, bounded; the last line says what was left out. */
export async function searchFiles(
  workspace: Pick<Workspace, "list" | "read">,
  question: SearchQuestion,
  signal: AbortSignal,
  compile?: CompilePattern,
): Promise<string> {
  const matches = await lineTest(question, compile);
  const isMeant = question.files === undefined ? () => true : pathPattern(question.files);
  if (typeof matches !== "function") return `This is no pattern: ${matches.problem}`;
  const below = filesBelow(await workspace.list(), question.folder);
  const paths = below.filter((path) => isMeant(path)).slice(0, maxFiles);
  const maxBytes = question.isPattern === true ? maxPatternBytes : maxTotalBytes;
  const hits: string[] = [];
  let bytesRead = 0;
  for (const path of paths) {
    signal.throwIfAborted();
    const bytes = await readable(workspace, path);
    if (bytes === undefined || bytes.length > maxFileBytes || bytes.includes(0)) continue;
    bytesRead += bytes.length;
    if (bytesRead > maxBytes) return `${shown(hits)}\n[the search stopped: too much text]`;
    for (const [index, line] of new TextDecoder().decode(bytes).split("\n").entries()) {
      if (!matches(line)) continue;
      if (hits.length >= maxHits) return `${shown(hits)}\n[more lines were left out]`;
      hits.push(`${path}:${index + 1}: ${line.trim().slice(0, maxLineCharacters)}`);
    }
  }
  return shown(hits);
}

async function lineTest(
  { text, ignoreCase, isPattern }: SearchQuestion,
  compile: CompilePattern | undefined,
): Promise<CompiledPattern> {
  if (isPattern === true)
    return compile?.(text, ignoreCase) ?? { problem: "only texts can be searched for here" };
  const wanted = ignoreCase ? text.toLowerCase() : text;
  return (line) => (ignoreCase ? line.toLowerCase() : line).includes(wanted);
}

function shown(hits: readonly string[]): string {
  return hits.length === 0 ? "No line holds it." : hits.join("\n");
}

/** A link or a pipe among the files is no reason to find nothing. */
async function readable(
  workspace: Pick<Workspace, "read">,
  path: string,
): Promise<Uint8Array | undefined> {
  try {
    return await workspace.read(path);
  } catch {
    return undefined;
  }
}

/** Paths in a folder; all when it is undefined, empty or `.`. */
export function filesBelow(
  paths: readonly string[],
  folder: string | undefined,
): readonly string[] {
  const below = (folder ?? "").replace(/^\.\/?/, "").replace(/\/+$/, "");
  if (below === "") return paths;
  return paths.filter((path) => path === below || path.startsWith(`${below}/`));
}
