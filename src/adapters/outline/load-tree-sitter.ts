import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Language, Parser } from "@vscode/tree-sitter-wasm";

const packageName = "@vscode/tree-sitter-wasm";

/** The parser of the optional package. */
export interface TreeSitter {
  readonly Language: typeof Language;
  readonly Parser: typeof Parser;
}

/** Undefined where the package was not installed; one start of the parser for all callers. */
export async function loadTreeSitter(): Promise<TreeSitter | undefined> {
  if (!isInstalled()) return undefined;
  const { default: library } = await import("@vscode/tree-sitter-wasm");
  await library.Parser.init();
  return library;
}

/** Folder of the grammars. */
export function grammarFolder(): string {
  return dirname(createRequire(import.meta.url).resolve(packageName));
}

function isInstalled(): boolean {
  try {
    return grammarFolder() !== "";
  } catch {
    return false;
  }
}
