import { z } from "zod";

/**
 * One unit of the input that must be traced: a sentence of prose, a list item, or a table row.
 * Headings are context (`headingPath`), not units, unless they stand alone or are sentences themselves.
 */
export const sentenceSchema = z.object({
  /** `S1`, `S2`, ... in document order. */
  id: z.string().regex(/^S[1-9][0-9]*$/),
  /** Plain text without Markdown marks, white space folded. Table rows: cells joined by ` | `. */
  text: z.string().min(1),
  /** 1-based line of the source where the unit starts. */
  line: z.number().int().positive(),
  /** `meta`: a line of front matter. */
  kind: z.enum(["prose", "item", "row", "code", "meta"]),
  /** Titles of the headings above it, outermost first. */
  headingPath: z.array(z.string()),
  /** For `row`: header cell -> cell text. */
  cells: z.record(z.string(), z.string()).optional(),
  /** For `item`: nesting depth, 0 outermost; `parent` is the sentence id of the item or lead-in sentence it hangs under. */
  depth: z.number().int().nonnegative().optional(),
  parent: z.string().optional(),
});
export type Sentence = z.infer<typeof sentenceSchema>;

/** A requirements file as read: the text, its digest and its sentences. Minted by `readDocument`. */
export interface RequirementsDocument {
  /** File name as the user gave it, or `text` / `stdin`. Shown only, never opened again. */
  readonly source: string;
  readonly text: string;
  /** `sha256:` and the hex digest of the UTF-8 bytes of `text`. */
  readonly digest: string;
  /** First level-one heading, else the first heading, else undefined. */
  readonly title: string | undefined;
  readonly sentences: readonly Sentence[];
  /** What was changed to make the text readable (invisible or disguised characters); absent: nothing. */
  readonly notes?: readonly string[];
}
