import type { Entity, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines, print } from "../code/doc.ts";
import {
  block,
  call,
  comment,
  expression,
  hug,
  lineWidth,
  list,
  literal,
  object,
  quoted,
  signature,
} from "../code/typescript.ts";
import { namesOf, withArticle } from "../names.ts";
import type { EntityScope, Scope } from "../scope.ts";
import { entityOf, fieldOf } from "../scope.ts";
import { takesChanges, takesInput } from "./domain.ts";
import { linkTable, uniqueColumn } from "./columns.ts";
import { importsFor } from "./imports.ts";
import { rowMapping } from "./row-mapping.ts";
import { conditionsFunction, queryInterface, sortExpressions } from "./query.ts";
import { countMethod } from "./counts.ts";

/** Groups of fields that are unique alone or together. */
export function uniqueGroups(entity: Entity): readonly (readonly Field[])[] {
  return [
    ...entity.fields.filter((field) => field.unique !== "no").map((field) => [field]),
    ...entity.uniqueTogether.map((names) => names.map((name) => fieldOf(entity, name))),
  ];
}

export function referenceFields(entity: Entity): readonly Field[] {
  return entity.fields.filter(
    (field) => field.type.kind === "reference" || field.type.kind === "references",
  );
}

export function selfReferences(entity: Entity): readonly Field[] {
  return entity.fields.filter(
    (field) => field.type.kind === "reference" && field.type.entity === entity.name,
  );
}

function links(entity: Entity): readonly Field[] {
  return entity.fields.filter((field) => field.type.kind === "references");
}

/** True when stored records change: by clients or by actions. */
export function isChanged(own: EntityScope): boolean {
  return takesChanges(own) || own.actions.length > 0;
}

function modulesOf(own: EntityScope) {
  const names = namesOf(own.entity);
  return [
    { from: `../domain/${names.file}.ts`, types: [names.type], values: [] },
    { from: "../domain/fault.ts", types: ["Fault"], values: [] },
    { from: "../domain/fold.ts", types: [], values: ["foldCase", "foldText", "foldTexts"] },
    { from: "../domain/values.ts", types: [], values: ["utcTime"] },
    {
      from: "./columns.ts",
      types: [],
      values: ["decimalOf", "flagOf", "listOf", "numberOf", "optional", "textOf"],
    },
    {
      from: "./conditions.ts",
      types: [],
      values: ["compare", "containsText", "containsWords", "includesAll"],
    },
    {
      from: "./counts.ts",
      types: ["ValueCount"],
      values: ["countFlags", "countScaled", "countValues", "withEveryValue"],
    },
    { from: "./database.ts", types: ["SqlDatabase", "SqlRow"], values: [] },
    { from: "./links.ts", types: [], values: ["linkedIds", "replaceLinks"] },
    {
      from: "./paging.ts",
      types: ["PagePosition", "RowPage", "SqlCondition"],
      values: ["ordersOf", "selectPage"],
    },
    { from: "./references.ts", types: [], values: ["unknownReferences"] },
    {
      from: "./rows.ts",
      types: ["Removal"],
      values: ["eachRow", "insertRow", "removeRow", "updateRow"],
    },
    { from: "./trees.ts", types: [], values: ["ringFaults"] },
    { from: "./uniqueness.ts", types: [], values: ["idOfSame", "takenFields"] },
  ];
}

function constants(own: EntityScope): readonly Doc[] {
  const { entity } = own;
  const docs: Doc[] = [`const table = ${quoted(entity.table)};`];
  const many = links(entity);
  if (many.length > 0) {
    const computed = many.map((field) => {
      const args = [linkTable(entity, field), entity.table, field.column].map(quoted);
      return call("linkedIds", args);
    });
    docs.push([
      "const selection = ",
      list("[", [quoted(`${entity.table}.*`), ...computed], "]"),
      '.join(", ");',
    ]);
  } else docs.push('const selection = "*";');
  const uniques = uniqueGroups(entity);
  if (uniques.length > 0 && (takesInput(own) || takesChanges(own)))
    docs.push([
      "const uniques = ",
      literal(
        uniques.map((fields) => ({
          pointers: fields.map((field) => `/${field.name}`),
          columns: fields.map(uniqueColumn),
        })),
      ),
      ";",
    ]);
  if (own.sort !== undefined) docs.push(sortExpressions(own, own.sort));
  return docs;
}

function method(about: string, head: Doc, body: readonly Doc[]): Doc {
  return lines([comment(about, 1), block(head, body)]);
}

function writeMethods(own: EntityScope): readonly Doc[] {
  const { entity } = own;
  const { type, variable } = namesOf(entity);
  const keepLinks = links(entity).map((field): Doc => [
    call("replaceLinks", [
      "this.#database",
      quoted(linkTable(entity, field)),
      `${variable}.id`,
      `${variable}.${field.name}`,
    ]),
    ";",
  ]);
  const insert = block(`insert(${variable}: ${type}): void`, [
    `insertRow(this.#database, table, toRow(${variable}));`,
    ...keepLinks,
  ]);
  const update = block(`update(${variable}: ${type}): void`, [
    `updateRow(this.#database, table, toRow(${variable}));`,
    ...keepLinks,
  ]);
  const remove = block("remove(id: string): Removal", [
    "return removeRow(this.#database, table, id);",
  ]);
  return [
    insert,
    ...(isChanged(own) ? [update] : []),
    ...(own.remove === undefined ? [] : [remove]),
  ];
}

function findMethod(own: EntityScope): Doc {
  const { type } = namesOf(own.entity);
  return block(signature("find", ["id: string"], `${type} | undefined`), [
    "const row = this.#database.first(`SELECT ${selection} FROM ${table} WHERE id = ?`, [id]);",
    "return row && fromRow(row);",
  ]);
}

function uniqueMethods(own: EntityScope): readonly Doc[] {
  const { entity } = own;
  const { type, variable } = namesOf(entity);
  if (uniqueGroups(entity).length === 0 || !(takesInput(own) || takesChanges(own))) return [];
  const taken = method(
    `Unique fields whose values another ${entity.singular} has.`,
    signature("taken", [`${variable}: ${type}`], "readonly Fault[]"),
    [`return takenFields(this.#database, table, uniques, toRow(${variable}));`],
  );
  if (own.import === undefined) return [taken];
  const same = method(
    `Another ${entity.singular} that has one of its unique values.`,
    signature("same", [`${variable}: ${type}`], `${type} | undefined`),
    [
      `const row = toRow(${variable});`,
      "for (const { columns } of uniques) {",
      "  const id = idOfSame(this.#database, table, columns, row);",
      "  if (id !== undefined) return this.find(id);",
      "}",
      "return undefined;",
    ],
  );
  return [taken, same];
}

function referenceMethods(scope: Scope, own: EntityScope): readonly Doc[] {
  const { entity } = own;
  const { type, variable } = namesOf(entity);
  const fields = referenceFields(entity).filter((field) => !field.readOnly);
  if (fields.length === 0 || !(takesInput(own) || takesChanges(own))) return [];
  const checks = fields.map((field) => {
    const target = entityOf(scope.model, "entity" in field.type ? field.type.entity : "");
    const value = `${variable}.${field.name}`;
    const reference = literal({
      pointer: `/${field.name}`,
      table: target.table,
      noun: target.singular,
      ids: field.type.kind === "references" ? expression(value) : [expression(value)],
    });
    return hug("...unknownReferences", ["this.#database", reference]);
  });
  const unknown = method(
    "Fields that refer to something that does not exist.",
    signature("unknown", [`${variable}: ${type}`], "readonly Fault[]"),
    [["return ", list("[", checks, "]"), ";"]],
  );
  const selves = takesChanges(own) ? selfReferences(entity) : [];
  if (selves.length === 0) return [unknown];
  const rings = selves.map((field) =>
    call("...ringFaults", [
      "this.#database",
      literal({ table: entity.table, column: field.column, pointer: `/${field.name}` }),
      `${variable}.id`,
      `${variable}.${field.name}`,
    ]),
  );
  const ring = method(
    `Fields that would put ${withArticle(entity.singular)} inside itself.`,
    signature("rings", [`${variable}: ${type}`], "readonly Fault[]"),
    [["return ", list("[", rings, "]"), ";"]],
  );
  return [unknown, ring];
}

function listMethods(own: EntityScope): readonly Doc[] {
  const { type, query } = namesOf(own.entity);
  const docs: Doc[] = [];
  if (own.list !== undefined) {
    const source: Doc[] = [
      "table",
      "selection",
      own.search !== undefined || own.filters.length > 0
        ? "conditions: conditionsOf(query)"
        : "conditions: []",
      own.sort === undefined ? "orders: []" : "orders: ordersOf(query.sort, sortable)",
    ];
    docs.push(
      block(
        signature(
          "list",
          [`query: ${query}`, "after: PagePosition | undefined"],
          `RowPage<${type}>`,
        ),
        [
          ["const source = ", object(source), ";"],
          "const page = selectPage(this.#database, source, { limit: query.limit, after });",
          "return { items: page.items.map(fromRow), next: page.next };",
        ],
      ),
    );
  }
  if (own.export !== undefined)
    docs.push(
      method(
        "All of them in order of creation, a part at a time.",
        `*all(): Generator<${type}, void>`,
        ["for (const row of eachRow(this.#database, table, selection)) yield fromRow(row);"],
      ),
    );
  return docs;
}

/** `src/storage/<entity>-repository.ts`. */
export function repositoryFile(scope: Scope, own: EntityScope): string {
  const { repository } = namesOf(own.entity);
  const members = [
    ...writeMethods(own),
    findMethod(own),
    ...uniqueMethods(own),
    ...referenceMethods(scope, own),
    ...listMethods(own),
    ...own.counts.map((feature) => countMethod(own, feature)),
  ];
  const body = lines([
    ...(own.list === undefined ? [] : [queryInterface(own), ""]),
    ...constants(own),
    "",
    comment(`The ${own.entity.plural} in the database.`),
    block(`export class ${repository}`, [
      "readonly #database: SqlDatabase;",
      "",
      block("constructor(database: SqlDatabase)", ["this.#database = database;"]),
      ...members.flatMap((one) => ["", one]),
    ]),
    ...(own.list !== undefined && (own.search !== undefined || own.filters.length > 0)
      ? ["", conditionsFunction(own)]
      : []),
    "",
    ...rowMapping(own, scope.features),
  ]);
  return print(lines([...importsFor(body, modulesOf(own)), "", body]), lineWidth);
}
