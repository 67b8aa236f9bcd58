import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";

const anchorSchema = z.strictObject({
  v: z.literal(1),
  note: z.string().max(64 * 1024),
  addedAtMs: z.number().int().nonnegative(),
  by: z.literal("witnesses").optional(),
});

type AnchorLine = Omit<z.infer<typeof anchorSchema>, "v">;

/** The text of `anchors.jsonl`. */
export function formatAnchors(anchors: readonly AnchorLine[]): string {
  return anchors
    .map(({ note, addedAtMs, by }) => {
      const line = { v: 1, note, addedAtMs, ...(by === undefined ? {} : { by }) };
      return `${canonicalJson(line)}\n`;
    })
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
      const { note, addedAtMs, by } = parsed.data;
      anchors.push({ note, addedAtMs, ...(by === undefined ? {} : { by }) });
    } catch {
      return undefined;
    }
  }
  return anchors;
}

/** Those of witnesses beyond the newest so many give way: each newer one covers what they cover. */
export const maxWitnessAnchors = 500;

/** The anchors with one more by witnesses; what people handed in all stays. */
export function withWitnessAnchor(
  anchors: readonly AnchorLine[],
  added: { readonly note: string; readonly addedAtMs: number },
): readonly AnchorLine[] {
  const all: readonly AnchorLine[] = [...anchors, { ...added, by: "witnesses" }];
  let surplus = all.filter(({ by }) => by === "witnesses").length - maxWitnessAnchors;
  return all.filter(({ by }) => {
    if (by !== "witnesses" || surplus <= 0) return true;
    surplus -= 1;
    return false;
  });
}
