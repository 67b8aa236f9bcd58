/** Characters after which a `/` begins a regular expression and not a division. */
const beforeExpression =
  /[(,=:[!&|?{};+\-*%<>~^]\s*$|\b(?:return|typeof|case|in|of|void|await|yield)\s*$|^\s*$/;

/**
 * JavaScript or TypeScript with comments and the insides of strings and regular expressions replaced
 * by spaces, position by position; quotes stay. Code inside `${}` stays code. Time is linear in practice
 * and bounded by the length of the text; unclosed strings end at the line's end.
 */
export function maskSource(text: string): string {
  const out = text.split("");
  const templates: number[] = [];
  let depth = 0;
  let index = 0;
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) if (out[at] !== "\n") out[at] = " ";
  };
  while (index < text.length) {
    const char = text[index];
    const end = endOfLiteral(text, index, out);
    if (end !== undefined) {
      const inner = char === "/" && text[index + 1] !== "/" && text[index + 1] !== "*" ? 1 : 0;
      blank(index + (char === "/" ? inner : 1), char === "/" && inner === 0 ? end : end - 1);
      index = end;
    } else if (char === "`") {
      const stop = endOfTemplatePart(text, index + 1);
      blank(index + 1, stop.at);
      if (stop.kind === "hole") {
        templates.push(depth);
        depth += 1;
      }
      index = stop.next;
    } else if (char === "}" && templates.at(-1) === depth - 1) {
      templates.pop();
      depth -= 1;
      const stop = endOfTemplatePart(text, index + 1);
      blank(index + 1, stop.at);
      if (stop.kind === "hole") {
        templates.push(depth);
        depth += 1;
      }
      index = stop.next;
    } else {
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
      index += 1;
    }
  }
  return out.join("");
}

/** End (exclusive) of the comment, string or regular expression that begins here. */
function endOfLiteral(text: string, index: number, out: readonly string[]): number | undefined {
  const char = text[index];
  if (char === '"' || char === "'") return endOfQuoted(text, index, char);
  if (char !== "/") return undefined;
  const next = text[index + 1];
  if (next === "/") return endAt(text.indexOf("\n", index), text);
  if (next === "*") return endAt(text.indexOf("*/", index + 2), text, 2);
  const before = out.slice(Math.max(0, index - 40), index).join("");
  return beforeExpression.test(before) ? endOfExpression(text, index) : undefined;
}

function endAt(found: number, text: string, extra = 0): number {
  return found === -1 ? text.length : found + extra;
}

function endOfQuoted(text: string, index: number, quote: string): number {
  for (let at = index + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if (char === quote || char === "\n") return at + 1;
  }
  return text.length;
}

function endOfExpression(text: string, index: number): number | undefined {
  let inClass = false;
  for (let at = index + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\n") return undefined;
    if (char === "\\") at += 1;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) return at + 1;
  }
  return undefined;
}

function endOfTemplatePart(
  text: string,
  index: number,
): { readonly kind: "end" | "hole"; readonly at: number; readonly next: number } {
  for (let at = index; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if (char === "`") return { kind: "end", at, next: at + 1 };
    else if (char === "$" && text[at + 1] === "{") return { kind: "hole", at, next: at + 2 };
  }
  return { kind: "end", at: text.length, next: text.length };
}
