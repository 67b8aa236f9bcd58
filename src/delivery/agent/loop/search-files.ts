import type { Workspace } from "../workspace.port.ts";

const maxHits = 100;
const maxFiles = 20_000;
const maxTotalBytes = 64 * 1024 * 1024;
const maxFileBytes = 2 * 1024 * 1024;
const maxLineCharacters = 240;

/** What is looked for: a text, never a pattern, so that no input can make it slow. */
export interface SearchQuestion {
  readonly text: string;
  readonly folder: string | undefined;
  readonly ignoreCase: boolean;
}

/** Lines that hold the text, as `path:line: text`, bounded; the last line says what was left out. */
export async function searchFiles(
  workspace: Pick<Workspace, "list" | "read">,
  question: SearchQuestion,
  signal: AbortSignal,
): Promise<string> {
  const paths = filesBelow(await workspace.list(), question.folder).slice(0, maxFiles);
  const wanted = question.ignoreCase ? question.text.toLowerCase() : question.text;
  const hits: string[] = [];
  let bytesRead = 0;
  for (const path of paths) {
    signal.throwIfAborted();
    const bytes = await readable(workspace, path);
    if (bytes === undefined || bytes.length > maxFileBytes || bytes.includes(0)) continue;
    bytesRead += bytes.length;
    if (bytesRead > maxTotalBytes) return `${shown(hits)}\n[the search stopped: too much text]`;
    for (const [index, line] of new TextDecoder().decode(bytes).split("\n").entries()) {
      if (!(question.ignoreCase ? line.toLowerCase() : line).includes(wanted)) continue;
      if (hits.length >= maxHits) return `${shown(hits)}\n[more lines were left out]`;
      hits.push(`${path}:${index + 1}: ${line.trim().slice(0, maxLineCharacters)}`);
    }
  }
  return shown(hits);
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
