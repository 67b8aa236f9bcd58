import type { Node, Parser } from "@vscode/tree-sitter-wasm";
import type { FileSymbol, SymbolReader } from "../../delivery/agent/outline/symbols.port.ts";
import { grammarFolder, loadTreeSitter, type TreeSitter } from "./load-tree-sitter.ts";
import { declaredBy, type Grammar } from "./declarations.ts";

/** Longer files are generated or data, as a rule; the parser's memory grows with them. */
const maxTextBytes = 128 * 1024;
/**
 * The parser asks after every hundred operations whether to go on. Counting them is a bound that
 * does not depend on how busy the machine is; 128 KB of usual code take about 1,050.
 */
const maxSteps = 1_200;
const maxSymbols = 400;
/** Finding the next statement takes the longer the more there were. */
const maxStatements = 3_000;
const grammars: Readonly<Record<string, Grammar>> = {
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "tsx",
  jsx: "tsx",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  py: "python",
};

export interface TreeSitterOptions {
  /** Undefined when the optional package is not installed. */
  readonly load?: () => Promise<TreeSitter | undefined>;
}

/**
 * Reads TypeScript, JavaScript and Python. The parser and one grammar a language are loaded by the
 * first file that needs them. Files of the target are hostile: they are parsed inside WebAssembly,
 * whose memory is its own, and nothing comes out of it but positions and node kinds.
 */
export function createTreeSitterSymbols(options: TreeSitterOptions = {}): SymbolReader {
  const load = options.load ?? loadTreeSitter;
  const parsers = new Map<Grammar, Promise<Parser | undefined>>();
  const parserOf = (grammar: Grammar): Promise<Parser | undefined> => {
    const known = parsers.get(grammar) ?? openParser(load, grammar);
    parsers.set(grammar, known);
    return known;
  };
  return {
    understands: (path) => grammarOf(path) !== undefined,
    async symbolsOf(path, text) {
      const grammar = grammarOf(path);
      // Two bytes at most for one unit that counts here; a surrogate pair is four for two.
      if (grammar === undefined || text.length > maxTextBytes) return [];
      if (Buffer.byteLength(text) > maxTextBytes || text.includes("\0")) return [];
      try {
        const parser = await parserOf(grammar);
        return parser === undefined ? [] : symbolsIn(parser, grammar, text);
      } catch {
        // A parser that failed may be in any state; the next file gets a new one.
        parsers.delete(grammar);
        return [];
      }
    },
  };
}

function grammarOf(path: string): Grammar | undefined {
  if (path.endsWith(".min.js")) return undefined;
  const ending = /\.([a-z]+)$/.exec(path)?.[1] ?? "";
  return Object.hasOwn(grammars, ending) ? grammars[ending] : undefined;
}

async function openParser(
  load: () => Promise<TreeSitter | undefined>,
  grammar: Grammar,
): Promise<Parser | undefined> {
  const library = await load();
  if (library === undefined) return undefined;
  const language = await library.Language.load(`${grammarFolder()}/tree-sitter-${grammar}.wasm`);
  return new library.Parser().setLanguage(language);
}

function symbolsIn(parser: Parser, grammar: Grammar, text: string): readonly FileSymbol[] {
  let steps = 0;
  const tree = parser.parse(text, null, {
    progressCallback: () => {
      steps += 1;
      return steps > maxSteps;
    },
  });
  if (tree === null) {
    parser.reset();
    return [];
  }
  try {
    return listed(tree.rootNode, grammar);
  } finally {
    // Memory of the parser is freed by hand or not at all.
    tree.delete();
  }
}

function listed(root: Node, grammar: Grammar): readonly FileSymbol[] {
  const symbols: FileSymbol[] = [];
  for (let index = 0; index < Math.min(root.namedChildCount, maxStatements); index += 1) {
    const child = root.namedChild(index);
    if (child === null) continue;
    symbols.push(...declaredBy(child, grammar));
    if (symbols.length >= maxSymbols) break;
  }
  return symbols.slice(0, maxSymbols);
}
