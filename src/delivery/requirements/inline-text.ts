import type { Nodes, Parents } from "mdast";

/** The text that a block shows, and where it stands in the source. */
export interface InlineText {
  readonly text: string;
  /** Offset in `text` -> source line, ascending. */
  readonly lines: readonly { readonly offset: number; readonly line: number }[];
}

/** Everything that a node says: its text, alternative texts, titles of links, and what comments hide. */
export function inlineText(node: Nodes): InlineText {
  const parts: string[] = [];
  const lines: { offset: number; line: number }[] = [];
  let offset = 0;
  const add = (leaf: Nodes, text: string): void => {
    lines.push({ offset, line: lineOf(leaf) });
    parts.push(text);
    offset += text.length;
  };
  // An explicit stack: nesting in hostile text is deeper than the call stack.
  const stack: (Nodes | { readonly titled: Nodes; readonly title: string })[] = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if ("titled" in next) add(next.titled, titleText(next.title));
    else if (isParent(next)) {
      if (next.type === "link" && isGiven(next.title))
        stack.push({ titled: next, title: next.title });
      stack.push(...next.children.toReversed());
    } else add(next, leafText(next));
  }
  return { text: parts.join(""), lines };
}

/** 1-based line where a node starts. */
export function lineOf(node: Nodes): number {
  return node.position?.start.line ?? 1;
}

/** White space as one space each, none around. */
export function fold(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** `[1]` of a footnote and the box of a task say where something stands, not what. */
export function withoutMarks(text: string): string {
  return text.replaceAll(/\[\^[^\]\s]{1,60}\]:?/g, "").replace(/^\s*\[[ xX]\]\s+/, "");
}

function isParent(node: Nodes): node is Parents {
  return "children" in node;
}

function isGiven(title: string | null | undefined): title is string {
  return title !== null && title !== undefined && title.trim() !== "";
}

/** A title is shown over its link or picture: words of its own. */
function titleText(title: string): string {
  return ` (${title})`;
}

function leafText(node: Nodes): string {
  switch (node.type) {
    case "text":
    case "inlineCode":
    case "code":
      return node.value;
    case "html":
      return htmlText(node.value);
    case "break":
      return "\n";
    case "image":
      return (node.alt ?? "") + (isGiven(node.title) ? titleText(node.title) : "");
    case "imageReference":
      return node.alt ?? "";
    default:
      return "";
  }
}

/** HTML shows its text only; what a comment says is shown to be traced like the rest. */
function htmlText(html: string): string {
  return html.replaceAll(/<!--|-->/g, " ").replaceAll(/<\/?[a-zA-Z][^<>]{0,1000}>/g, " ");
}
