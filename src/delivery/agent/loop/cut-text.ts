/**
 * A text of at most `maxCharacters`, cut in the middle at line ends, with a note of what was cut:
 * the beginning says what was run, the end what came of it.
 */
export function cutMiddle(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const half = Math.max(0, Math.floor(maxCharacters / 2) - 40);
  const head = wholeLines(text.slice(0, half), "end");
  const tail = wholeLines(text.slice(text.length - half), "start");
  const cut = text.length - head.length - tail.length;
  return `${head}\n[... ${cut} characters cut ...]\n${tail}`;
}

/** The beginning of a text, of at most so many characters and without half of a surrogate pair. */
export function headOf(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : withoutHalfPair(text.slice(0, maxCharacters), "end");
}

/** Cuts at a line end where one is near: half a line misleads. */
function wholeLines(text: string, side: "end" | "start"): string {
  if (side === "end") {
    const at = text.lastIndexOf("\n");
    return at > text.length / 2 ? text.slice(0, at) : withoutHalfPair(text, side);
  }
  const at = text.indexOf("\n");
  return at !== -1 && at < text.length / 2 ? text.slice(at + 1) : withoutHalfPair(text, side);
}

/** A surrogate without its other half is no text. */
function withoutHalfPair(text: string, side: "end" | "start"): string {
  if (side === "end") return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
  return /^[\uDC00-\uDFFF]/.test(text) ? text.slice(1) : text;
}
