export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON text as the formatter of generated projects writes it: objects open, lists closed when they fit. */
export function formatJson(value: Json, width: number): string {
  return `${write(value, 0, 0, width)}\n`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** `column`: where the value starts. `tail` columns are needed after it. */
function write(value: Json, depth: number, column: number, width: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = "  ".repeat(depth + 1);
  const end = "  ".repeat(depth);
  if (isList(value)) {
    if (value.length === 0) return "[]";
    const flat = flatList(value);
    // One column more: a comma may follow.
    if (flat !== undefined && column + flat.length + 1 <= width) return flat;
    const items = value.map((item) => `${inner}${write(item, depth + 1, inner.length, width)}`);
    return `[\n${items.join(",\n")}\n${end}]`;
  }
  const members = Object.entries(value);
  if (members.length === 0) return "{}";
  const rows = members.map(([key, item]) => {
    const head = `${inner}${JSON.stringify(key)}: `;
    return `${head}${write(item, depth + 1, head.length, width)}`;
  });
  return `{\n${rows.join(",\n")}\n${end}}`;
}

/** Undefined when an item cannot stand on a line: an object with members. */
function flatList(value: readonly Json[]): string | undefined {
  const parts: string[] = [];
  for (const item of value) {
    if (typeof item === "object" && item !== null) {
      if (!isList(item)) {
        if (Object.keys(item).length > 0) return undefined;
        parts.push("{}");
        continue;
      }
      const nested = item.length === 0 ? "[]" : flatList(item);
      if (nested === undefined) return undefined;
      parts.push(nested);
    } else parts.push(JSON.stringify(item));
  }
  return `[${parts.join(", ")}]`;
}
