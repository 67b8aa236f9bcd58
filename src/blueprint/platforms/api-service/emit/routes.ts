import type { Feature } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines, print } from "../code/doc.ts";
import { block, call, comment, lineWidth, object, quoted, signature } from "../code/typescript.ts";
import { namesOf, operationIdOf } from "../names.ts";
import type { EntityScope, Scope } from "../scope.ts";
import { admission, store } from "./admission.ts";
import { routesFunction } from "./app.ts";
import { countMethodName } from "./counts.ts";
import { importsFor } from "./imports.ts";
import type { Module } from "./imports.ts";
import { importOneDoc } from "./import-one.ts";
import { handle } from "./route-handler.ts";
import { csvColumns, exportRoute, importRoute, needsCsv } from "./transfer-routes.ts";
import { canBeHeld } from "./openapi-operations.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

function modulesOf(own: EntityScope): readonly Module[] {
  const names = namesOf(own.entity);
  return [
    { from: "node:crypto", types: [], values: ["randomUUID"] },
    { from: "fastify", types: ["FastifyInstance"], values: [] },
    {
      from: `../domain/${names.file}.ts`,
      types: [names.type, names.input, names.changes],
      values: [`new${names.type}`, `changed${names.type}`, `faultsIn${names.type}`],
    },
    {
      from: `../storage/${names.file}-repository.ts`,
      types: [names.query],
      values: [names.repository],
    },
    { from: "./csv.ts", types: ["CsvColumn"], values: ["csvRecords"] },
    { from: "./cursor.ts", types: [], values: ["cursorOf", "positionOf"] },
    { from: "./exports.ts", types: [], values: ["sendCsv", "sendJson"] },
    {
      from: "./imports.ts",
      types: ["ImportOutcome"],
      values: ["importedId", "importedRecord", "importRecords", "maxImportBytes"],
    },
    { from: "./parts.ts", types: ["ServiceParts"], values: [] },
    {
      from: "./problem.ts",
      types: [],
      values: ["conflict", "notFound", "refuseFaults", "refuseTaken"],
    },
  ];
}

function transaction(statements: readonly Doc[]): Doc {
  return [block("database.transaction(() =>", statements), ");"];
}

function createRoute(own: EntityScope, feature: Of<"create">): Doc {
  const { type, input, variable } = namesOf(own.entity);
  const checks = admission(own, "body", { variable, isNew: true });
  const insert = `${store(own)}.insert(${variable});`;
  return handle(operationIdOf(own.entity, feature), `{ body: ${input} }`, "{ body }, reply", [
    "const now = clock();",
    `const ${variable} = new${type}(body, randomUUID(), now);`,
    checks.length === 0 ? insert : transaction([...checks, insert]),
    "reply.code(201);",
    `reply.header("location", \`/${own.entity.collection}/\${${variable}.id}\`);`,
    `return ${variable};`,
  ]);
}

/** Statements that read the record of the path or refuse. */
function found(own: EntityScope, name: string): readonly Doc[] {
  return [
    `const ${name} = ${store(own)}.find(params.id);`,
    `if (${name} === undefined) throw notFound(${quoted(own.entity.singular)}, params.id);`,
  ];
}

const idInput = "{ params: { id: string } }";

function readRoute(own: EntityScope, feature: Of<"read">): Doc {
  const { variable } = namesOf(own.entity);
  return handle(operationIdOf(own.entity, feature), idInput, "{ params }", [
    ...found(own, variable),
    `return ${variable};`,
  ]);
}

function listRoute(own: EntityScope, feature: Of<"list">): Doc {
  const sorted = own.sort !== undefined;
  const order = sorted ? "query.sort" : '""';
  const length = sorted ? 'query.sort.split(",").length + 1' : "1";
  return handle(
    operationIdOf(own.entity, feature),
    `{ query: ${namesOf(own.entity).query} }`,
    "{ query }",
    [
      `const after = positionOf(${order}, ${length}, query.cursor);`,
      `const page = ${store(own)}.list(query, after);`,
      `return { items: page.items, nextCursor: cursorOf(${order}, page.next) };`,
    ],
  );
}

function updateRoute(own: EntityScope, feature: Of<"update">): Doc {
  const { type, changes, variable } = namesOf(own.entity);
  const input = `{ params: { id: string }; body: ${changes} }`;
  return handle(operationIdOf(own.entity, feature), input, "{ params, body }", [
    "const now = clock();",
    [
      block("return database.transaction(() =>", [
        ...found(own, "current"),
        `const ${variable} = changed${type}(current, body, now);`,
        ...admission(own, "body", { variable, isNew: false }),
        `${store(own)}.update(${variable});`,
        `return ${variable};`,
      ]),
      ");",
    ],
  ]);
}

function deleteRoute(scope: Scope, own: EntityScope, feature: Of<"delete">): Doc {
  const { singular } = own.entity;
  const held = canBeHeld(scope, own);
  const inUse = `throw conflict("Something still refers to this ${singular}.");`;
  const absent = `throw notFound(${quoted(singular)}, params.id);`;
  return handle(operationIdOf(own.entity, feature), idInput, "{ params }, reply", [
    `const removal = ${store(own)}.remove(params.id);`,
    `if (removal === "absent") ${absent}`,
    ...(held ? [`if (removal === "in-use") ${inUse}`] : []),
    "reply.code(204);",
  ]);
}

function actionRoute(own: EntityScope, feature: Of<"action">): Doc {
  const { variable } = namesOf(own.entity);
  const fixed = feature.set.filter(({ value }) => typeof value !== "object");
  const holds = fixed.map(({ field, value }) =>
    typeof value === "object" ? "" : `current.${field} === ${codeOf(value)}`,
  );
  const usesNow = feature.set.map(({ field, value }) =>
    typeof value === "object"
      ? `${field}: ${dateOrTime(own, field)}`
      : `${field}: ${codeOf(value)}`,
  );
  return handle(operationIdOf(own.entity, feature), idInput, "{ params }", [
    "const time = clock().toISOString();",
    [
      block("return database.transaction(() =>", [
        ...found(own, "current"),
        ...(holds.length === 0
          ? []
          : [
              `const isDone = ${holds.join(" && ")};`,
              `if (isDone) throw conflict("This ${own.entity.singular} is in that state already.");`,
            ]),
        [
          `const ${variable}: ${namesOf(own.entity).type} = `,
          object(["...current", ...usesNow, "updatedAt: time"]),
          ";",
        ],
        `${store(own)}.update(${variable});`,
        `return ${variable};`,
      ]),
      ");",
    ],
  ]);
}

function codeOf(value: string | number | boolean): string {
  return typeof value === "string" ? quoted(value) : String(value);
}

function dateOrTime(own: EntityScope, name: string): string {
  const field = own.entity.fields.find((one) => one.name === name);
  return field?.type.kind === "date" ? "time.slice(0, 10)" : "time";
}

function countRoute(own: EntityScope, feature: Of<"count">): Doc {
  const operationId = quoted(operationIdOf(own.entity, feature));
  return [
    call("contract.handle", [
      "app",
      operationId,
      `() => ({ counts: ${store(own)}.${countMethodName(feature)}() })`,
    ]),
    ";",
  ];
}

function routeDocs(scope: Scope, own: EntityScope): readonly Doc[] {
  const { list: all, create, read, update, remove } = own;
  return [
    ...(all === undefined ? [] : [listRoute(own, all)]),
    ...(create === undefined ? [] : [createRoute(own, create)]),
    ...(own.export === undefined ? [] : [exportRoute(own, own.export)]),
    ...(own.import === undefined ? [] : [importRoute(own, own.import)]),
    ...own.counts.map((feature) => countRoute(own, feature)),
    ...(read === undefined ? [] : [readRoute(own, read)]),
    ...(update === undefined ? [] : [updateRoute(own, update)]),
    ...(remove === undefined ? [] : [deleteRoute(scope, own, remove)]),
    ...own.actions.map((feature) => actionRoute(own, feature)),
  ];
}

/** `src/http/<entity>-routes.ts`. */
export function routesFile(scope: Scope, own: EntityScope): string {
  const { repository } = namesOf(own.entity);
  const routes = routeDocs(scope, own);
  const text = print(lines(routes), Infinity);
  const parts = ["contract", "database", "clock"].filter((name) =>
    new RegExp(`\\b${name}\\b`).test(text),
  );
  const needed = parts.includes("database") ? parts : [...parts, "database"];
  const body = lines([
    ...(needsCsv(own) ? [csvColumns(own), ""] : []),
    comment(`Serves the ${own.entity.plural}.`),
    block(
      signature(
        `export function ${routesFunction(own)}`,
        ["app: FastifyInstance", "parts: ServiceParts"],
        "void",
      ),
      [
        ["const ", object(needed), " = parts;"],
        `const ${store(own)} = new ${repository}(database);`,
        ...routes.flatMap((route) => ["", route]),
      ],
    ),
    ...(own.import === undefined ? [] : ["", importOneDoc(own, own.import)]),
  ]);
  return print(lines([...importsFor(body, modulesOf(own)), "", body]), lineWidth);
}
