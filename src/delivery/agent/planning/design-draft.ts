import { z } from "zod";
import { inlineMarkdown, markdownList, markdownTable } from "../../requirements/markdown-text.ts";
import type { RefinedRequirements } from "../../requirements/refined-requirements.ts";
import type { PlatformPlan } from "../planner.port.ts";
import type { Checked } from "./ask-for-plan.ts";
import { draftProblems } from "./draft-problems.ts";
import { portableSchema } from "./portable-schema.ts";

const name = z.string().min(1).max(120);
const text = z.string().min(1).max(2_000);
const maxEntries = 200;

const designDraftSchema = z.object({
  context: text,
  data: z
    .array(
      z.object({
        name,
        fields: z.array(z.object({ name, type: name, rules: z.string().max(500) })).max(100),
      }),
    )
    .max(maxEntries),
  operations: z
    .array(z.object({ name, behaviour: text, stories: z.array(z.string().max(12)).max(50) }))
    .max(maxEntries),
  errorHandling: z.array(text).min(1).max(50),
  security: z.array(text).min(1).max(50),
  storage: text,
  decisions: z.array(z.object({ choice: name, why: text })).max(50),
});
type DesignDraft = z.infer<typeof designDraftSchema>;

/** The shape that a model answers in. */
export const designAnswer = { name: "design", schema: portableSchema(designDraftSchema) } as const;

/** `design_doc.md` from a model's answer, which has to find a place for every story that will be built. */
export function checkDesign(
  refined: RefinedRequirements,
  plan: PlatformPlan,
  value: unknown,
): Checked<string> {
  const shape = designDraftSchema.safeParse(value);
  if (!shape.success) return { kind: "refused", problems: draftProblems(shape.error) };
  const problems = [...designProblems(refined, shape.data)];
  if (problems.length > 0) return { kind: "refused", problems };
  return { kind: "accepted", value: designMarkdown(refined, plan, shape.data) };
}

function* designProblems(
  refined: RefinedRequirements,
  draft: DesignDraft,
): Generator<string, void> {
  const known = new Set(refined.stories.map(({ id }) => id));
  const placed = new Set(draft.operations.flatMap(({ stories }) => stories));
  const unknown = [...placed].filter((id) => !known.has(id));
  if (unknown.length > 0) yield `operations: there is no story ${unknown.join(", ")}`;
  const open = refined.stories.filter(
    (one) =>
      one.origin === "requirements" && one.unimplementable === undefined && !placed.has(one.id),
  );
  if (open.length > 0) yield `operations: none is for ${open.map(({ id }) => id).join(", ")}`;
}

function designMarkdown(
  refined: RefinedRequirements,
  plan: PlatformPlan,
  draft: DesignDraft,
): string {
  const sections: readonly (readonly [title: string, body: string])[] = [
    ["Context", inlineMarkdown(draft.context)],
    [
      "Components",
      `${inlineMarkdown(plan.why)}\n\n${markdownTable(
        ["Component", "Role"],
        plan.components.map((one) => [one.name, one.role]),
      )}`,
    ],
    ["Data model", draft.data.map(recordSection).join("\n\n") || "Nothing is kept."],
    [
      "Operations",
      table(
        ["Operation", "Behaviour", "Stories"],
        draft.operations.map((one) => [one.name, one.behaviour, one.stories.join(", ")]),
      ),
    ],
    ["Error handling", markdownList(draft.errorHandling, "")],
    ["Security", markdownList(draft.security, "")],
    ["Storage", inlineMarkdown(draft.storage)],
    [
      "Decisions",
      table(
        ["Choice", "Why"],
        draft.decisions.map((one) => [one.choice, one.why]),
      ),
    ],
    ["Open points", openPoints(refined)],
  ];
  const body = sections.map(([title, content]) => `## ${title}\n\n${content}`).join("\n\n");
  return `# ${inlineMarkdown(refined.title)}: design\n\n${body}\n`;
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "None." : markdownTable(headers, rows);
}

function recordSection(record: DesignDraft["data"][number]): string {
  const rows = record.fields.map((field) => [field.name, field.type, field.rules]);
  return `### ${inlineMarkdown(record.name)}\n\n${table(["Field", "Type", "Rules"], rows)}`;
}

/** Worked out, not asked for: what is open is not a matter of opinion. */
function openPoints(refined: RefinedRequirements): string {
  const gaps = refined.notCovered
    .filter((one) => one.kind === "gap")
    .map((one) => `${one.sentence}: ${one.reason}`);
  const contradictions = refined.contradictions.map((one) => one.text);
  return markdownList([...gaps, ...contradictions, ...refined.missingConstraints], "None.");
}
