import type { Feature, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { object } from "../code/typescript.ts";
import { uniqueGroups } from "../emit/repository.ts";
import { mustBeSent, writableFields } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { subjectOf, tokenCheck } from "./parts.ts";
import { violationsOf } from "./violations.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** A text field that can hold anything: what formulas and quotes are tested with. */
function freeText(subject: Subject): Field | undefined {
  return writableFields(subject.entity).find(
    ({ type, unique }) =>
      type.kind === "text" &&
      type.format === "plain" &&
      unique === "no" &&
      (type.minLength ?? 0) < 8 &&
      (type.maxLength ?? 99) > 20,
  );
}

const awkward = '`=1+1, "so"; it\'s`';

/** What an export must hold. */
export function exportChecks(context: CheckContext, feature: Of<"export">): readonly Check[] {
  const subject = subjectOf(context);
  const { path, store, entity, type } = subject;
  const text = freeText(subject);
  const both = feature.formats.length > 1;
  const at = (format: string): string => `${path}/export${both ? `?format=${format}` : ""}`;
  const checks: Check[] = [];
  if (feature.formats.includes("json"))
    checks.push({
      key: "exports-json",
      given: `some ${entity.plural} exist`,
      when: "they are exported as JSON",
      then: "the answer is 200 with all of them, whole, in order of creation; none is an empty list",
      title: `exports all ${entity.plural} as JSON`,
      body: [
        `expect((await service.get("${at("json")}")).body).toEqual([]);`,
        `const stored = [${store}(service), ${store}(service), ${store}(service)];`,
        `const answer = await service.get<readonly ${type}[]>("${at("json")}");`,
        "expect(answer.body).toEqual(stored);",
        'expect(answer.headers.get("content-disposition")).toContain(".json");',
      ],
    });
  if (feature.formats.includes("csv"))
    checks.push({
      key: "exports-csv",
      given: `${entity.plural} with commas, quotes and formulas in their text`,
      when: "they are exported as CSV",
      then: "the answer is RFC 4180 with a header line, and no cell is a formula",
      title: `exports all ${entity.plural} as CSV`,
      body: [
        text === undefined
          ? `${store}(service);`
          : `${store}(service, { ${text.name}: ${awkward} });`,
        `const answer = await service.get<string>("${at("csv")}");`,
        "expect(answer.status).toBe(200);",
        'expect(answer.headers.get("content-type")).toContain("text/csv");',
        'const [head = "", ...rows] = answer.body.trimEnd().split("\\r\\n");',
        `expect(head).toBe("${["id", ...entity.fields.map((field) => field.name), "createdAt", "updatedAt"].join(",")}");`,
        "expect(rows).toHaveLength(1);",
        ...(text === undefined ? [] : ['expect(rows[0]).toContain(`"\'=1+1, ""so""; it\'s"`);']),
      ],
    });
  return [
    ...checks,
    ...tokenCheck(context, {
      reads: true,
      does: `export ${entity.plural}`,
      call: `service.get("${path}/export", OPTIONS)`,
      success: 200,
    }),
  ];
}

function importJson(subject: Subject, records: string): string {
  return `await service.post<ImportReport>("${subject.path}/import", ${records})`;
}

function importCsv(subject: Subject, text: string): string {
  return `await service.post<ImportReport>("${subject.path}/import", undefined, { text: ${text}, contentType: "text/csv" })`;
}

function duplicateCheck(subject: Subject, feature: Of<"import">): Check {
  const outcome = { skip: "skipped", update: "updated", reject: "rejected" }[feature.duplicates];
  const unique = uniqueGroups(subject.entity)[0]?.filter((field) => !field.readOnly) ?? [];
  const same = unique.length > 0 ? unique.map((field) => field.name) : ["id"];
  const free = writableFields(subject.entity).find(
    (field) =>
      field.type.kind === "text" &&
      field.type.format === "plain" &&
      !same.includes(field.name) &&
      field.unique === "no" &&
      (field.type.minLength ?? 0) < 8 &&
      (field.type.maxLength ?? 99) > 6,
  );
  const record = object([
    `...${subject.content}`,
    ...same.map((name) => `${name}: stored.${name}`),
    ...(free === undefined ? [] : [`${free.name}: "changed"`]),
  ]);
  const kept: Doc =
    free === undefined
      ? "expect(kept?.createdAt).toBe(stored.createdAt);"
      : feature.duplicates === "update"
        ? `expect(kept?.${free.name}).toBe("changed");`
        : "expect(kept).toEqual(stored);";
  return {
    key: `${outcome}-duplicates`,
    given: `${subject.one} exists`,
    when: `a record with the same ${same.join(" and ")} is imported`,
    then: `it is ${outcome} and the report says so; ${feature.duplicates === "update" ? "the stored one is changed" : "the stored one stays as it was"}`,
    title: `reports duplicates as ${outcome}`,
    body: [
      `const stored = ${subject.store}(service);`,
      ["const record = ", record, ";"],
      ...sendRecords(subject, feature, "[record]"),
      `expect(answer.body.${outcome}).toBe(1);`,
      `expect(answer.body.rows[0]).toMatchObject({ outcome: "${outcome}", id: ${feature.duplicates === "reject" ? "stored.id" : "stored.id"} });`,
      `const kept = new ${subject.repository}(service.database).find(stored.id);`,
      kept,
    ],
  };
}

/** Statements that import records as JSON, or as CSV where only that is taken. */
function sendRecords(subject: Subject, feature: Of<"import">, records: string): readonly Doc[] {
  if (feature.formats.includes("json")) return [`const answer = ${importJson(subject, records)};`];
  return [`const text = csvOf(${records});`, `const answer = ${importCsv(subject, "text")};`];
}

/** Code of a record that breaks a rule, and where it does. */
function badRecord(subject: Subject): { readonly code: string; readonly pointer: string } {
  const fields = writableFields(subject.entity);
  const required = fields.find(mustBeSent);
  if (required !== undefined)
    return {
      code: `{ ...${subject.content}, ${required.name}: undefined }`,
      pointer: `/${required.name}`,
    };
  const [violation] = fields.flatMap((field) => violationsOf(field));
  const name = violation?.pointer.split("/")[1] ?? "";
  return {
    code: `{ ...${subject.content}, ${name}: ${violation?.code ?? ""} }`,
    pointer: violation?.pointer ?? "",
  };
}

function reportCheck(subject: Subject, feature: Of<"import">): Check {
  const { code: bad, pointer } = badRecord(subject);
  return {
    key: "imports-and-reports",
    given: "good records and one that breaks a rule",
    when: "they are imported",
    then: "the good ones are stored, and the report says of each what became of it and why",
    title: "stores the good records and reports on each",
    body: [
      `const records = [${subject.content}, ${bad}, ${subject.content}];`,
      ...sendRecords(subject, feature, "records"),
      "expect(answer.status).toBe(200);",
      "expect(answer.body).toMatchObject({ imported: 2, rejected: 1, skipped: 0, updated: 0 });",
      "const [first, second] = answer.body.rows;",
      'expect(second).toMatchObject({ row: 2, outcome: "rejected", id: null });',
      `expect(second?.reasons[0]?.pointer).toBe("${pointer}");`,
      `const stored = new ${subject.repository}(service.database).find(first?.id ?? "");`,
      "expect(stored).toMatchObject(records[0] ?? {});",
    ],
  };
}

function roundTripCheck(subject: Subject, format: "json" | "csv"): readonly Check[] {
  const { own } = subject;
  if (own.export?.formats.includes(format) !== true) return [];
  const text = freeText(subject);
  const both = own.export.formats.length > 1;
  const from = `${subject.path}/export${both ? `?format=${format}` : ""}`;
  const readOnly = subject.entity.fields
    .filter((field) => field.readOnly)
    .map((field) => field.name);
  const fields = subject.entity.fields.filter((field) => !readOnly.includes(field.name));
  return [
    {
      key: `round-trips-${format}`,
      given: `${subject.entity.plural} with awkward texts, exported as ${format.toUpperCase()}`,
      when: "the export is imported where they are missing",
      then: "they are there again, with the same ids and the same content",
      title: `imports what it exported as ${format.toUpperCase()} without loss`,
      body: [
        text === undefined
          ? `const stored = ${subject.store}(service);`
          : `const stored = ${subject.store}(service, { ${text.name}: ${awkward} });`,
        `const exported = await service.get("${from}");`,
        `service.database.run("DELETE FROM ${subject.entity.table}");`,
        format === "json"
          ? `const answer = ${importJson(subject, "exported.body")};`
          : `const answer = ${importCsv(subject, "String(exported.body)")};`,
        "expect(answer.body).toMatchObject({ imported: 1, rejected: 0 });",
        `const again = new ${subject.repository}(service.database).find(stored.id);`,
        ...fields.map((field) => `expect(again?.${field.name}).toEqual(stored.${field.name});`),
      ],
    },
  ];
}

/** What an import must store, report and refuse. */
export function importChecks(context: CheckContext, feature: Of<"import">): readonly Check[] {
  const subject = subjectOf(context);
  const empty = feature.formats.includes("json")
    ? `service.post("${subject.path}/import", [], OPTIONS)`
    : `service.post("${subject.path}/import", undefined, { text: "id\\r\\n", contentType: "text/csv", ...OPTIONS })`;
  return [
    reportCheck(subject, feature),
    duplicateCheck(subject, feature),
    ...feature.formats.flatMap((format) => roundTripCheck(subject, format)),
    {
      key: "refuses-unreadable-imports",
      given: "content that is no list of records",
      when: "it is imported",
      then: "the answer is 400, 415 or 422 and nothing is stored",
      title: "refuses imports that it cannot read",
      body: [
        `const send = (text: string, contentType: string) => service.post("${subject.path}/import", undefined, { text, contentType });`,
        'expectProblem(await send("<a/>", "application/xml"), 415);',
        ...(feature.formats.includes("json")
          ? [
              'expectProblem(await send("{", "application/json"), 400);',
              'expectProblem(await send("{}", "application/json"), 422);',
            ]
          : []),
        ...(feature.formats.includes("csv")
          ? [
              'expectProblem(await send("nothing\\r\\n1\\r\\n", "text/csv"), 400);',
              'expectProblem(await send(\'id\\r\\n"1\', "text/csv"), 400);',
            ]
          : []),
      ],
    },
    ...tokenCheck(context, {
      reads: false,
      does: `import ${subject.entity.plural}`,
      call: empty,
      success: 200,
    }),
  ];
}
