import {
  inlineMarkdown,
  markdownList,
  markdownTable,
} from "../../delivery/requirements/markdown-text.ts";
import type { PlatformPlan } from "../../delivery/agent/planner.port.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
import type { Entity, Field, FieldType, ProductModel } from "../model/product-model.ts";
import type { BlueprintPlatform } from "../platforms/platform.port.ts";
import { briefOf } from "./analysis.ts";

/** Markdown of `design_doc.md`. */
export function designDocumentOf(
  model: ProductModel,
  refined: RefinedRequirements,
  plan: PlatformPlan,
  platform: BlueprintPlatform,
): string {
  const sections: readonly (readonly [title: string, body: string])[] = [
    ["Context", inlineMarkdown(briefOf(model))],
    [
      "Components",
      `${inlineMarkdown(plan.why)}\n\n${markdownTable(
        ["Component", "Role"],
        plan.components.map((one) => [one.name, one.role]),
      )}`,
    ],
    ["Data model", dataModel(model)],
    ["Operations", operations(model, refined)],
    ["Error handling", errorHandling(model)],
    ["Security", security(model)],
    ["Storage", storage(model)],
    [
      "Decisions",
      markdownTable(
        ["Choice", "Why"],
        platform.stack.map((one) => [one.choice, one.why]),
      ),
    ],
    ["Open points", openPoints(refined)],
  ];
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}`).join("\n\n");
  return `# ${inlineMarkdown(model.title)}: design\n\n${body}\n`;
}

function dataModel(model: ProductModel): string {
  if (model.entities.length === 0) return "The document describes nothing to keep.";
  return [diagram(model), ...model.entities.map(entitySection)].join("\n\n");
}

/** Mermaid; names are identifiers, so nothing of the document's text gets in. */
function diagram(model: ProductModel): string {
  const lines = model.entities.flatMap((entity) => [
    `  ${entity.name} {`,
    ...entity.fields.map((field) => `    ${field.type.kind} ${field.name}`),
    "  }",
    ...entity.fields.flatMap((field) => relationLine(entity, field)),
  ]);
  return ["```mermaid", "erDiagram", ...lines, "```"].join("\n");
}

function relationLine(entity: Entity, field: Field): readonly string[] {
  if (field.type.kind === "reference")
    return [
      `  ${field.type.entity} ${field.required ? "||" : "|o"}--o{ ${entity.name} : ${field.name}`,
    ];
  return field.type.kind === "references"
    ? [`  ${field.type.entity} }o--o{ ${entity.name} : ${field.name}`]
    : [];
}

function entitySection(entity: Entity): string {
  const rows = entity.fields.map((field) => [
    field.name,
    typeText(field.type),
    rulesText(field),
    field.sentences.join(", ") || "assumed",
  ]);
  const together = entity.uniqueTogether.map((fields) => `Unique together: ${fields.join(", ")}`);
  return [
    `### ${entity.name}`,
    `Table ${inlineMarkdown(entity.table)}, path /${entity.collection}. Besides these fields: id, createdAt, updatedAt.`,
    markdownTable(["Field", "Type", "Rules", "From"], rows),
    ...(together.length === 0 ? [] : [markdownList(together, "")]),
  ].join("\n\n");
}

/** `text, at most 200 characters`. */
export function typeText(type: FieldType): string {
  switch (type.kind) {
    case "text":
      return [
        type.format === "plain" ? (type.multiline ? "text of several lines" : "text") : type.format,
        ...limits(type.minLength, type.maxLength, " characters"),
      ].join(", ");
    case "integer":
      return ["whole number", ...limits(type.minimum, type.maximum, "")].join(", ");
    case "decimal":
      return [
        `number with ${type.decimals} decimals`,
        ...limits(type.minimum, type.maximum, ""),
      ].join(", ");
    case "boolean":
      return "yes or no";
    case "date":
      return {
        any: "date",
        "past-or-today": "date, not in the future",
        "today-or-future": "date, not in the past",
      }[type.relation];
    case "datetime":
      return "date and time";
    case "choice":
      return `one of ${type.values.join(", ")}`;
    case "labels":
      return [
        "list of words",
        ...limits(undefined, type.maxItems, " of them"),
        ...limits(undefined, type.maxLength, " characters each"),
      ].join(", ");
    case "reference":
      return `one ${type.entity}; deleting it: ${type.onDelete}`;
    case "references":
      return `any number of ${type.entity}`;
  }
}

function limits(
  minimum: number | undefined,
  maximum: number | undefined,
  unit: string,
): readonly string[] {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}${unit}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}${unit}`]),
  ];
}

function rulesText(field: Field): string {
  const fallback =
    field.default === undefined
      ? []
      : [`default ${field.default.kind === "now" ? "now" : JSON.stringify(field.default.value)}`];
  const unique = { no: [], exact: ["unique"], "ignoring-case": ["unique ignoring case"] }[
    field.unique
  ];
  return [
    field.required ? "required" : "optional",
    ...unique,
    ...fallback,
    ...(field.readOnly ? ["set by the service"] : []),
  ].join(", ");
}

function operations(model: ProductModel, refined: RefinedRequirements): string {
  const rows = model.features.map((feature, index) => {
    const story = refined.stories[index];
    return [
      story?.id ?? "",
      feature.title,
      feature.actor,
      `${story?.criteria.length ?? 0}`,
      feature.sentences.join(", ") || "needed to run",
    ];
  });
  return markdownTable(["Story", "Operation", "For", "Criteria", "From"], rows);
}

function errorHandling(model: ProductModel): string {
  const unique = model.entities.some(
    (entity) =>
      entity.uniqueTogether.length > 0 || entity.fields.some((field) => field.unique !== "no"),
  );
  const references = model.entities.some((entity) =>
    entity.fields.some(
      (field) => field.type.kind === "reference" || field.type.kind === "references",
    ),
  );
  return markdownList(
    [
      "Input is checked whole before anything is stored; a refusal names every field that is wrong and why.",
      "Fields that the model does not know are refused, so that a misspelt name is noticed.",
      ...(unique
        ? [
            "A value that must be unique is guarded by the database, so two requests at once cannot both succeed.",
          ]
        : []),
      ...(references
        ? [
            "A reference to something that does not exist is refused; what happens when its target is deleted is listed with each field.",
          ]
        : []),
      "Whatever is unexpected is logged with its cause and answered without details of the inside.",
    ],
    "",
  );
}

function security(model: ProductModel): string {
  const access =
    model.access.kind === "open"
      ? "The document asks for no access control: whoever reaches the service may use it, so it belongs on a trusted network."
      : model.access.publicReads
        ? "Changing requires a bearer token; reading is open."
        : "Every operation requires a bearer token; only the health checks are open.";
  return markdownList(
    [
      access,
      "Values reach the database as parameters, never as part of a statement.",
      "Sizes of requests, texts, lists and pages are bounded.",
      "Tokens appear in no log and no answer.",
    ],
    "",
  );
}

function storage(model: ProductModel): string {
  const tables = model.entities.map((entity) => entity.table);
  return tables.length === 0
    ? "Nothing is stored."
    : `One database file with the tables ${inlineMarkdown(tables.join(", "))}. Every change is one transaction; rules that must hold between records (unique values, references) are constraints of the database.`;
}

function openPoints(refined: RefinedRequirements): string {
  const gaps = refined.notCovered
    .filter((one) => one.kind === "gap")
    .map((one) => `${one.sentence}: ${one.reason}`);
  const contradictions = refined.contradictions.map((one) => one.text);
  return markdownList([...gaps, ...contradictions, ...refined.missingConstraints], "None.");
}
