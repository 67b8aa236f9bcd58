/** Text of others as inline Markdown that shows exactly that text: no mark-up, HTML or table cell begins in it. One line. */
export function inlineMarkdown(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[\\`*_[\]|~]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/^([#+=-]|\d{1,9}[.)])/, (mark) => mark.replace(/.$/, "\\$&"));
}

/** A Markdown table; cells are taken as plain text. */
export function markdownTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => inlineMarkdown(cell)).join(" | ")} |`;
  return [line(headers), `|${headers.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

/** A bullet list of plain texts; `otherwise` when there are none. */
export function markdownList(texts: readonly string[], otherwise: string): string {
  if (texts.length === 0) return otherwise;
  return texts.map((text) => `- ${inlineMarkdown(text)}`).join("\n");
}
