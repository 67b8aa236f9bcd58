import type { Definition, List, Nodes, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import type { Sentence } from "./document.ts";
import { frontMatterOf } from "./front-matter.ts";
import { saysSomething } from "./heading-sentence.ts";
import { fold, inlineText, lineOf, withoutMarks } from "./inline-text.ts";
import { isOverloaded, plainSentences } from "./plain-paragraphs.ts";
import { splitSentences } from "./split-sentences.ts";

/** What a Markdown text says, before its parts are numbered for good. */
export interface MarkdownUnits {
  readonly title: string | undefined;
  readonly sentences: readonly Sentence[];
  /** True when there were more than `maxSentences`; the rest was not read. */
  readonly truncated: boolean;
}

interface Reading {
  readonly sentences: Sentence[];
  readonly maxSentences: number;
  headings: readonly { readonly depth: number; readonly text: string }[];
  title: { readonly depth: number; readonly text: string } | undefined;
  truncated: boolean;
}

interface Place {
  readonly kind: Sentence["kind"];
  readonly depth?: number;
  readonly parent?: string | undefined;
  readonly cells?: Readonly<Record<string, string>>;
}

/** Deeper containers are read as if they stood at this depth; keeps recursion bounded. */
const maxDepth = 24;

// Every container mark at the start of a line opens a block: thousands of them cost the square of their number.
const containerMarks =
  /^((?: {0,3}(?:>|[-*+]|\d{1,9}[.)]) ?){20})(?: {0,3}(?:>|[-*+]|\d{1,9}[.)]) ?)+/gm;

/** Reads Markdown (tables included) into units in document order, ids `S1`... Never throws for what the text says. */
export function markdownUnits(text: string, maxSentences: number): MarkdownUnits {
  const reading: Reading = {
    sentences: [],
    maxSentences,
    headings: [],
    title: undefined,
    truncated: false,
  };
  const front = frontMatterOf(text);
  for (const { text: entry, line } of front?.lines ?? [])
    push(reading, { kind: "meta" }, fold(entry), line);
  readBody(reading, front?.rest ?? text);
  return {
    title: reading.title?.text,
    sentences: reading.sentences,
    truncated: reading.truncated,
  };
}

function readBody(reading: Reading, text: string): void {
  if (isOverloaded(text)) {
    for (const sentence of plainSentences(text)) {
      push(reading, { kind: "prose" }, sentence.text, sentence.line);
      if (reading.truncated) return;
    }
  } else {
    const tree = fromMarkdown(text.replaceAll(containerMarks, "$1"), {
      extensions: [gfmTable()],
      mdastExtensions: [gfmTableFromMarkdown()],
    });
    readBlocks(reading, tree.children, { kind: "prose" }, 0);
  }
}

function readBlocks(
  reading: Reading,
  blocks: readonly RootContent[],
  place: Place,
  level: number,
): void {
  let leadIn: string | undefined = place.parent;
  for (const [index, block] of blocks.entries()) {
    if (block.type === "heading") leadIn = undefined;
    const before = reading.sentences.length;
    readBlock(
      reading,
      block,
      { ...place, parent: leadIn },
      {
        level,
        next: blocks[index + 1],
      },
    );
    const last = reading.sentences.at(-1);
    if (block.type === "paragraph" && reading.sentences.length > before) leadIn = last?.id;
  }
}

function readBlock(
  reading: Reading,
  block: RootContent,
  place: Place,
  around: { readonly level: number; readonly next: RootContent | undefined },
): void {
  switch (block.type) {
    case "heading":
      readHeading(reading, block, around.next);
      return;
    case "list":
      readList(reading, block, place, around.level);
      return;
    case "table":
      readTable(reading, block, place.parent);
      return;
    case "blockquote":
      if (around.level < maxDepth)
        readBlocks(reading, block.children, { kind: "prose" }, around.level + 1);
      else readText(reading, block, { kind: "prose" });
      return;
    case "code":
      push(reading, { kind: "code" }, fold(block.value), lineOf(block) + 1);
      return;
    case "definition":
      readDefinition(reading, block);
      return;
    case "thematicBreak":
      return;
    default:
      readText(reading, block, withoutParentIfProse(place));
  }
}

/** A reference shows nothing, but people write into its title, and a footnote of one word looks like one. */
function readDefinition(reading: Reading, definition: Definition): void {
  const label = definition.label ?? definition.identifier;
  const note = label.startsWith("^") ? definition.url : "";
  push(reading, { kind: "prose" }, fold(`${note} ${definition.title ?? ""}`), lineOf(definition));
}

function withoutParentIfProse(place: Place): Place {
  return place.kind === "prose" ? { kind: "prose" } : place;
}

function readHeading(
  reading: Reading,
  heading: Extract<RootContent, { type: "heading" }>,
  next: RootContent | undefined,
): void {
  const text = fold(inlineText(heading).text);
  if (text === "") return;
  const entry = { depth: heading.depth, text };
  const standsAlone =
    next === undefined || (next.type === "heading" && next.depth <= heading.depth);
  const isTitle = reading.title === undefined || heading.depth < Math.min(2, reading.title.depth);
  if (isTitle) reading.title = entry;
  reading.headings = reading.headings.filter((one) => one.depth < heading.depth);
  // A bare title above the first section is the product's name, not a wish.
  if ((standsAlone && !(isTitle && next !== undefined)) || saysSomething(text))
    push(reading, { kind: "prose" }, text, lineOf(heading));
  reading.headings = [...reading.headings, entry];
}

function readList(reading: Reading, list: List, place: Place, level: number): void {
  const depth = place.kind === "item" ? (place.depth ?? 0) + 1 : 0;
  for (const item of list.children) {
    const first = reading.sentences.length;
    const [head, ...rest] = item.children;
    const at: Place = { kind: "item", depth, parent: place.parent };
    if (head === undefined) continue;
    if (level >= maxDepth) {
      readText(reading, item, at);
      continue;
    }
    if (head.type === "paragraph") readText(reading, head, at);
    else readBlocks(reading, [head], at, level + 1);
    const own = reading.sentences[first];
    readBlocks(reading, rest, { kind: "item", depth, parent: own?.id ?? place.parent }, level + 1);
  }
}

function readTable(reading: Reading, table: Table, parent: string | undefined): void {
  const [head, ...rows] = table.children;
  const headers = head?.children.map((cell) => fold(withoutMarks(inlineText(cell).text))) ?? [];
  if (rows.length === 0 && head !== undefined) {
    push(
      reading,
      { kind: "row", parent },
      headers.filter((one) => one !== "").join(" | "),
      lineOf(head),
    );
  }
  for (const row of rows) {
    const texts = row.children.map((cell) => fold(withoutMarks(inlineText(cell).text)));
    const cells: Record<string, string> = Object.fromEntries(
      headers.map((header, index) => [
        header === "" ? `column ${index + 1}` : header,
        texts[index] ?? "",
      ]),
    );
    push(
      reading,
      { kind: "row", parent, cells },
      texts.filter((one) => one !== "").join(" | "),
      lineOf(row),
    );
  }
}

/** One unit a sentence; in a list item the later sentences hang under the first. */
function readText(reading: Reading, block: Nodes, place: Place): void {
  const { text, lines } = inlineText(block);
  let own: string | undefined;
  let cursor = 0;
  for (const span of splitSentences(text)) {
    while (cursor + 1 < lines.length && (lines[cursor + 1]?.offset ?? 0) <= span.start) cursor += 1;
    const mark = lines[cursor];
    const newlines = text.slice(mark?.offset ?? 0, span.start).split("\n").length - 1;
    const parent = place.kind === "item" ? (own ?? place.parent) : place.parent;
    const id = push(
      reading,
      { ...place, parent },
      fold(withoutMarks(text.slice(span.start, span.end))),
      (mark?.line ?? lineOf(block)) + newlines,
    );
    own ??= id;
  }
}

function push(reading: Reading, place: Place, text: string, line: number): string | undefined {
  if (text === "") return undefined;
  if (reading.sentences.length >= reading.maxSentences) {
    reading.truncated = true;
    return undefined;
  }
  const id = `S${reading.sentences.length + 1}`;
  reading.sentences.push({
    id,
    text,
    line,
    kind: place.kind,
    headingPath: reading.headings.map((one) => one.text),
    ...(place.cells === undefined ? {} : { cells: place.cells }),
    ...(place.depth === undefined ? {} : { depth: place.depth }),
    ...(place.parent === undefined ? {} : { parent: place.parent }),
  });
  return id;
}
