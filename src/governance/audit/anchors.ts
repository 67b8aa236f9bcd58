import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";

const anchorSchema = z.strictObject({
  v: z.literal(1),
  note: z.string().max(64 * 1024),
  addedAtMs: z.number().int().nonnegative(),
});

type AnchorLine = Omit<z.infer<typeof anchorSchema>, "v">;

/** The text of `anchors.jsonl`. */
export function formatAnchors(anchors: readonly AnchorLine[]): string {
  return anchors
    .map(({ note, addedAtMs }) => `${canonicalJson({ v: 1, note, addedAtMs })}\n`)
    .join("");
}

/** The anchors of `anchors.jsonl`; undefined when a line is none. */
export function parseAnchors(text: string): readonly AnchorLine[] | undefined {
  const anchors: AnchorLine[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    try {
      const parsed = anchorSchema.safeParse(JSON.parse(line));
      if (!parsed.success) return undefined;
      anchors.push({ note: parsed.data.note, addedAtMs: parsed.data.addedAtMs });
    } catch {
      return undefined;
    }
  }
  return anchors;
}
