const heading = "Learned from earlier runs";

/** The lines of a template that were added by learning, without their dashes. */
export function learnedLines(text: string): readonly string[] {
  const lines = text.trimEnd().split("\n");
  const at = lines.lastIndexOf(heading);
  if (at < 0) return [];
  return lines.slice(at + 1).flatMap((line) => (line.startsWith("- ") ? [line.slice(2)] : []));
}

/**
 * The template with lines added at its end, where they leave the beginning that providers cache as it
 * was. Lines that are there already are not added again.
 */
export function reviseTemplate(text: string, added: readonly string[]): string {
  const there = new Set(learnedLines(text));
  const fresh = [...new Set(added)].filter((line) => !there.has(line));
  const base = text.trimEnd();
  if (fresh.length === 0) return `${base}\n`;
  const start = there.size === 0 ? `${base}\n\n${heading}` : base;
  return `${[start, ...fresh.map((line) => `- ${line}`)].join("\n")}\n`;
}
