/** Lines between `---` at the very start of a document, which other programs read. */
export interface FrontMatter {
  /** The lines that say something, with their 1-based numbers. */
  readonly lines: readonly { readonly text: string; readonly line: number }[];
  /** The document without it; as many newlines stand in its place, so that lines keep their numbers. */
  readonly rest: string;
}

const maxFrontMatterLines = 200;

/** Undefined when the text begins with none. A rule (`---`) without a second one is no front matter. */
export function frontMatterOf(text: string): FrontMatter | undefined {
  if (!text.startsWith("---\n")) return undefined;
  const lines = text.split("\n", maxFrontMatterLines);
  const end = lines.findIndex((line, at) => at > 0 && /^(---|\.\.\.)\s*$/.test(line));
  const body = lines.slice(1, Math.max(end, 1));
  if (end < 0 || !body.some(isEntry) || !body.every((line) => isEntry(line) || isNested(line)))
    return undefined;
  const said = body.flatMap((line, at) =>
    line.trim() === "" || line.trim().startsWith("#") ? [] : [{ text: line.trim(), line: at + 2 }],
  );
  const length = lines.slice(0, end + 1).join("\n").length;
  return { lines: said, rest: "\n".repeat(end) + text.slice(length) };
}

function isEntry(line: string): boolean {
  return /^[\w.-]{1,60}:(\s|$)/.test(line);
}

function isNested(line: string): boolean {
  return /^(\s*$|\s*#|\s+\S|- )/.test(line);
}
