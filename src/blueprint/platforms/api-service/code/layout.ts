import type { Doc } from "./doc.ts";
import { choice, expanded, group, ifBroken, indent, join, line, softLine } from "./doc.ts";

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
/** Statements that cannot reach the end of a line are left as they are. */
const shortStatement = 60;

/** A statement written as one line of text, with the line breaks that a formatter would give it. */
export function statement(text: string): Doc {
  if (text.length < shortStatement || /^[\s/*]/.test(text) || text.includes("\n")) return text;
  if (!text.startsWith("if (")) return layout(text);
  const end = endOfBracket(text, 3) + 1;
  const rest = text.slice(end).trim();
  if (rest.startsWith("{")) return text;
  return group([text.slice(0, end), indent([line, layout(rest)])]);
}

/** Where the string, template or regular expression that starts at `start` ends. */
function endOfText(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

function startsText(text: string, at: number): boolean {
  const letter = text.charAt(at);
  if ("\"'`".includes(letter)) return true;
  // A slash after an opening bracket starts a regular expression.
  return letter === "/" && text.charAt(at - 1) === "(";
}

/** Where the bracket that opens at `start` closes. */
function endOfBracket(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (startsText(text, at)) {
      at = endOfText(text, at) - 1;
      continue;
    }
    const letter = text.charAt(at);
    if ("([{".includes(letter)) depth += 1;
    if (")]}".includes(letter)) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length - 1;
}

/** Parts between the commas that stand in no bracket. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (startsText(text, at)) at = endOfText(text, at) - 1;
    else if ("([{".includes(text.charAt(at))) at = endOfBracket(text, at);
    else if (text[at] === ",") {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}

/** Text with its brackets as groups. */
export function layout(text: string): Doc {
  const docs: Doc[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (startsText(text, at)) {
      at = endOfText(text, at) - 1;
      continue;
    }
    const open = text.charAt(at);
    if (text.startsWith(" => ", at) && !"{(".includes(text.charAt(at + 4))) {
      docs.push(text.slice(start, at));
      return group([docs, " =>", indent([line, layout(text.slice(at + 4))])]);
    }
    if (!(open in closing)) continue;
    const end = endOfBracket(text, at);
    const content = text.slice(at + 1, end);
    const isCall = open !== "(" || /[\w>)\]]/.test(text.charAt(at - 1));
    docs.push(text.slice(start, at), isCall ? bracket(open, content) : ["(", layout(content), ")"]);
    at = end;
    start = end + 1;
  }
  return [docs, text.slice(start)];
}

function bracket(open: string, content: string): Doc {
  const close = closing[open] ?? "";
  // A block of statements is not a list.
  if (content.trim() === "" || content.includes(";")) return `${open}${content}${close}`;
  const parts = partsOf(content);
  if (open === "(") return argumentsDoc(parts);
  const edge = open === "{" ? line : softLine;
  return group(brackets(open, parts.map(layout), close, edge));
}

function brackets(open: string, items: readonly Doc[], close: string, edge: Doc): Doc {
  return [open, indent([edge, join([",", line], items)]), ifBroken(","), edge, close];
}

/** Arguments: a last object or list opens by itself when what stands before it fits. */
function argumentsDoc(parts: readonly string[]): Doc {
  const items = parts.map(layout);
  const last = parts.at(-1) ?? "";
  const opens = last.charAt(0);
  const before = parts.at(-2)?.charAt(0);
  const tall = brackets("(", items, ")", softLine);
  const hugs =
    (opens === "{" || opens === "[") && last.endsWith(closing[opens] ?? "") && before !== opens;
  if (!hugs) return group(tall);
  const edge = opens === "{" ? line : softLine;
  const inner = partsOf(last.slice(1, -1)).map(layout);
  const lastOpen = expanded(brackets(opens, inner, closing[opens] ?? "", edge));
  const hugging = ["(", join(", ", [...items.slice(0, -1), lastOpen]), ")"];
  return choice(["(", join(", ", items), ")"], hugging, expanded(tall));
}
