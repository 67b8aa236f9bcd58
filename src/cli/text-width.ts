/** Two cells on a terminal: East Asian wide and full-width characters. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;
const invisible = /^[\p{Mark}\p{Cf}]+$/u;

/**
 * Characters that a terminal acts on instead of showing: C0 and C1 controls, and marks that change
 * the direction of writing. The zero-width joiner stays: emoji are made with it.
 */
const commanding =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

let segmenter: Intl.Segmenter | undefined;

/** Made when text beyond ASCII is first shown: it costs more than the rest of a short command. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Text that came from outside (requirements, tools, files), safe to show in one line. */
export function printable(text: string): string {
  return text.replace(commanding, (mark) => (/\s/.test(mark) ? " " : "\ufffd"));
}

/** Cells that the text takes on a terminal; text with control codes has no width. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += cells(segment);
  return width;
}

/** At most `width` cells of the text, with an ellipsis where it was cut. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return "";
  let taken = "";
  let used = 0;
  for (const { segment } of graphemes(text)) {
    const next = used + cells(segment);
    if (next > width - 1) break;
    taken += segment;
    used = next;
  }
  return `${taken}…`;
}

/** The text followed by spaces up to `width` cells. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** The text in lines of at most `width` cells, broken at spaces where there are any. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function cells(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1;
}
