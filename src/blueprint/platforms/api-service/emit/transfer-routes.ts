import type { Feature, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines } from "../code/doc.ts";
import { literal, tallList } from "../code/typescript.ts";
import { namesOf, operationIdOf } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { store } from "./admission.ts";
import { handle } from "./route-handler.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** The route that gives all records as a file. */
export function exportRoute(own: EntityScope, feature: Of<"export">): Doc {
  const [only] = feature.formats;
  const operationId = operationIdOf(own.entity, feature);
  const { collection } = own.entity;
  const send = (format: "json" | "csv"): Doc =>
    format === "csv"
      ? `return sendCsv(reply, "${collection}", csvColumns, ${store(own)}.all());`
      : `return sendJson(reply, "${collection}", ${store(own)}.all());`;
  if (feature.formats.length === 1 && only !== undefined)
    return handle(operationId, "", "_input, reply", [send(only)]);
  return handle(operationId, '{ query: { format: "json" | "csv" } }', "{ query }, reply", [
    ['if (query.format === "csv") ', send("csv")],
    send("json"),
  ]);
}

/** The route that takes what the export gives. */
export function importRoute(own: EntityScope, feature: Of<"import">): Doc {
  const csv = feature.formats.includes("csv");
  const json = feature.formats.includes("json");
  const rows = "readonly Record<string, unknown>[]";
  const bodyType = [...(csv ? ["string"] : []), ...(json ? [rows] : [])].join(" | ");
  const records = !csv
    ? "body"
    : json
      ? 'typeof body === "string" ? csvRecords(body, csvColumns) : body'
      : "csvRecords(body, csvColumns)";
  return lines([
    `const importOne = import${namesOf(own.entity).type}(parts, ${store(own)});`,
    handle(
      operationIdOf(own.entity, feature),
      `{ body: ${bodyType} }`,
      "{ body }",
      [`const records = ${records};`, "return importRecords(database, records, importOne);"],
      "{ bodyLimit: maxImportBytes }",
    ),
  ]);
}

const csvKinds = {
  text: "text",
  integer: "number",
  decimal: "number",
  boolean: "flag",
  date: "text",
  datetime: "text",
  choice: "text",
  labels: "list",
  reference: "text",
  references: "list",
} as const;

/** The constant that names the columns of a CSV file. */
export function csvColumns(own: EntityScope): Doc {
  const column = (field: Field): Doc =>
    literal({ name: field.name, kind: csvKinds[field.type.kind] });
  return [
    "const csvColumns: readonly CsvColumn[] = ",
    tallList([
      literal({ name: "id", kind: "text" }),
      ...own.entity.fields.map(column),
      literal({ name: "createdAt", kind: "text" }),
      literal({ name: "updatedAt", kind: "text" }),
    ]),
    ";",
  ];
}

/** True when records come or go as CSV. */
export function needsCsv(own: EntityScope): boolean {
  return [own.export, own.import].some((feature) => feature?.formats.includes("csv") === true);
}
