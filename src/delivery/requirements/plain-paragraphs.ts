import { fold } from "./inline-text.ts";
import { splitSentences } from "./split-sentences.ts";

/** Documents with blocks beyond this are no Markdown that somebody wrote; parsing them as such costs the square of their size. */
const maxBlockLength = 64 * 1024;
const maxInlineMarksPerBlock = 2_000;
const maxDefinitions = 500;
const inlineMarks = /[[\]*_`<&!\\~|]/g;
const tableRow = /^ {0,3}\|/gm;

/** True when a text must not be parsed as Markdown: its marks would cost the square of their number. */
export function isOverloaded(text: string): boolean {
  if ((text.match(/^ {0,3}\[[^\]\n]{1,100}\]:/gm)?.length ?? 0) > maxDefinitions) return true;
  return text.split(/\n[ \t]*\n/).some((block) => {
    if (block.length > maxBlockLength && !isList(block)) return true;
    const rows = block.match(tableRow)?.length ?? 0;
    return (block.match(inlineMarks)?.length ?? 0) > maxInlineMarksPerBlock && rows < 20;
  });
}

/** Every item is a block of its own, so long lists cost no more than their length. */
function isList(block: string): boolean {
  const lines = block.split("\n");
  const items = lines.filter((line) => /^ {0,6}([-*+] |\d{1,9}[.)] )/.test(line)).length;
  return items * 2 > lines.length;
}

/** Sentences of a text whose marks mean nothing, with their 1-based lines, one after the other. */
export function* plainSentences(
  text: string,
): Generator<{ readonly text: string; readonly line: number }> {
  let line = 1;
  for (const paragraph of text.split(/\n[ \t]*(?=\n)/)) {
    let read = 0;
    for (const span of splitSentences(paragraph)) {
      line += count(paragraph, read, span.start);
      read = span.start;
      yield { text: fold(paragraph.slice(span.start, span.end)), line };
    }
    line += count(paragraph, read, paragraph.length) + 1;
  }
}

/** Newlines between two offsets. */
function count(text: string, from: number, to: number): number {
  let newlines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1))
    newlines += 1;
  return newlines;
}
