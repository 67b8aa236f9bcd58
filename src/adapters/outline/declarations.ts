import type { Node } from "@vscode/tree-sitter-wasm";
import type { FileSymbol } from "../../delivery/agent/outline/symbols.port.ts";

export type Grammar = "typescript" | "tsx" | "javascript" | "python";

const maxMembers = 60;
const maxNameCharacters = 80;
/** Names only: whatever else a parser makes of a broken file stays out of prompts. */
const namePattern = /^[#\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

const kinds: Readonly<Record<string, FileSymbol["kind"]>> = {
  function_declaration: "function",
  generator_function_declaration: "function",
  function_signature: "function",
  class_declaration: "class",
  abstract_class_declaration: "class",
  interface_declaration: "interface",
  type_alias_declaration: "type",
  enum_declaration: "enum",
  function_definition: "function",
  class_definition: "class",
};
const wrappers = new Set(["export_statement", "decorated_definition", "ambient_declaration"]);
const variables = new Set(["lexical_declaration", "variable_declaration"]);
const methods = new Set([
  "method_definition",
  "abstract_method_signature",
  "function_definition",
  "decorated_definition",
]);
const functionValues = new Set(["arrow_function", "function_expression", "generator_function"]);

/** What one statement at the top of a file declares. */
export function declaredBy(statement: Node, grammar: Grammar): readonly FileSymbol[] {
  const inner = unwrapped(statement);
  if (variables.has(inner.type)) return variablesOf(inner);
  if (grammar === "python" && inner.type === "expression_statement") return assigned(inner);
  const kind = kinds[inner.type];
  if (kind === undefined || !Object.hasOwn(kinds, inner.type)) return [];
  const own = symbolAt(inner, kind);
  if (own === undefined) return [];
  return kind === "class" ? [own, ...membersOf(inner, own.name)] : [own];
}

/** What is exported or decorated, below at most two wrappers. */
function unwrapped(node: Node): Node {
  let inner = node;
  for (let depth = 0; depth < 2 && wrappers.has(inner.type); depth += 1)
    inner =
      inner.childForFieldName("declaration") ??
      inner.childForFieldName("definition") ??
      inner.namedChild(inner.namedChildCount - 1) ??
      inner;
  return inner;
}

function variablesOf(node: Node): readonly FileSymbol[] {
  return childrenOf(node, maxMembers).flatMap((one) => {
    if (one.type !== "variable_declarator") return [];
    const value = one.childForFieldName("value")?.type ?? "";
    const symbol = symbolAt(one, functionValues.has(value) ? "function" : "value");
    return symbol === undefined ? [] : [symbol];
  });
}

/** `NAME = value` at the top of a Python module. */
function assigned(node: Node): readonly FileSymbol[] {
  const assignment = node.namedChild(0);
  if (assignment?.type !== "assignment") return [];
  const left = assignment.childForFieldName("left");
  const name = nameOf(left?.type === "identifier" ? left : null);
  return name === undefined ? [] : [{ name, kind: "value", line: lineOf(node) }];
}

function membersOf(node: Node, owner: string): readonly FileSymbol[] {
  const body = node.childForFieldName("body");
  if (body === null) return [];
  return childrenOf(body, maxMembers).flatMap((member) => {
    if (!methods.has(member.type)) return [];
    const own = symbolAt(unwrapped(member), "method");
    return own === undefined ? [] : [{ ...own, name: `${owner}.${own.name}` }];
  });
}

function symbolAt(node: Node, kind: FileSymbol["kind"]): FileSymbol | undefined {
  const name = nameOf(node.childForFieldName("name"));
  return name === undefined ? undefined : { name, kind, line: lineOf(node) };
}

function nameOf(node: Node | null): string | undefined {
  // The length first: reading the text of a broken node may copy the whole file.
  if (node === null || node.endIndex - node.startIndex > maxNameCharacters) return undefined;
  return namePattern.test(node.text) ? node.text : undefined;
}

function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}

function childrenOf(node: Node, max: number): readonly Node[] {
  const children: Node[] = [];
  for (let index = 0; index < Math.min(node.namedChildCount, max); index += 1) {
    const child = node.namedChild(index);
    if (child !== null) children.push(child);
  }
  return children;
}
