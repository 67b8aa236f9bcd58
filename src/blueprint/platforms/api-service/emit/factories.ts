import type { Entity, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines, print } from "../code/doc.ts";
import {
  block,
  comment,
  lineWidth,
  literal,
  object,
  property,
  signature,
  tallObject,
} from "../code/typescript.ts";
import { namesOf } from "../names.ts";
import { distinctSample, sampleOf } from "../samples.ts";
import type { EntityScope, Scope } from "../scope.ts";
import { entityOf, isAlwaysSet, writableFields } from "../scope.ts";
import { takesInput } from "./domain.ts";
import { importsFor } from "./imports.ts";
import type { Module } from "./imports.ts";

/** Names of the functions that tests make records with. */
export function factoryNames(entity: Entity): {
  readonly sample: string;
  readonly store: string;
  readonly input: string;
} {
  const { type, variable } = namesOf(entity);
  return { sample: `sample${type}`, store: `store${type}`, input: `${variable}Input` };
}

/** A reference that a record cannot be without. */
export function needsTarget(field: Field): boolean {
  return field.required && (field.type.kind === "reference" || field.type.kind === "references");
}

/** True when two records must not have the same value: alone, or because nothing else differs. */
function isDistinct(entity: Entity, field: Field): boolean {
  if (field.unique !== "no") return true;
  return entity.uniqueTogether.some(
    (names) =>
      names.includes(field.name) &&
      // A required reference makes a target of its own for each record.
      !entity.fields.some((other) => names.includes(other.name) && needsTarget(other)),
  );
}

function sampleMember(entity: Entity, field: Field): Doc {
  const distinct = isDistinct(entity, field) ? distinctSample(field) : undefined;
  if (distinct !== undefined) return property(field.name, distinct);
  if (field.readOnly && field.default === undefined)
    return property(field.name, isAlwaysSet(field) ? "[]" : "null");
  if (field.default?.kind === "value") return property(field.name, literal(field.default.value));
  const { kind } = field.type;
  if (kind === "reference") return property(field.name, field.required ? '""' : "null");
  if (kind === "references") return property(field.name, "[]");
  return property(field.name, literal(sampleOf(field, 1) ?? null));
}

function sampleFunction(entity: Entity): Doc {
  const names = namesOf(entity);
  const { sample } = factoryNames(entity);
  return lines([
    comment(`A valid ${entity.singular} that is like no other.`),
    block(
      signature(
        `export function ${sample}`,
        [`overrides: Partial<${names.type}> = {}`],
        names.type,
      ),
      [
        "const n = nextNumber();",
        "const time = new Date(firstTime + n * 1000).toISOString();",
        [
          "return ",
          tallObject([
            "id: randomUUID()",
            ...entity.fields.map((field) => sampleMember(entity, field)),
            "createdAt: time",
            "updatedAt: time",
            "...overrides",
          ]),
          ";",
        ],
      ],
    ),
  ]);
}

function storeFunction(scope: Scope, entity: Entity): Doc {
  const names = namesOf(entity);
  const { sample, store } = factoryNames(entity);
  const targets = entity.fields.filter(needsTarget).map((field): Doc => {
    const target = entityOf(scope.model, "entity" in field.type ? field.type.entity : "");
    const made = `${factoryNames(target).store}(service).id`;
    const value =
      field.type.kind === "references"
        ? `overrides.${field.name} ?? [${made}]`
        : `overrides.${field.name} ?? ${made}`;
    return property(field.name, value);
  });
  const record: Doc =
    targets.length === 0
      ? `${sample}(overrides)`
      : [`${sample}(`, object(["...overrides", ...targets]), ")"];
  return lines([
    comment(
      `Puts ${entity.singular} into the service's database.`.replace("Puts ", "Puts a valid "),
    ),
    block(
      signature(
        `export function ${store}`,
        ["service: TestService", `overrides: Partial<${names.type}> = {}`],
        names.type,
      ),
      [
        [`const ${names.variable} = `, record, ";"],
        `new ${names.repository}(service.database).insert(${names.variable});`,
        `return ${names.variable};`,
      ],
    ),
  ]);
}

function inputFunction(scope: Scope, entity: Entity): Doc {
  const names = namesOf(entity);
  const { input, sample } = factoryNames(entity);
  const targets = writableFields(entity).filter(needsTarget);
  const members = writableFields(entity).map((field): Doc => {
    if (!needsTarget(field)) return property(field.name, `${names.variable}.${field.name}`);
    const target = entityOf(scope.model, "entity" in field.type ? field.type.entity : "");
    const made = `${factoryNames(target).store}(service).id`;
    return property(field.name, field.type.kind === "references" ? `[${made}]` : made);
  });
  const parameter = targets.length === 0 ? [] : ["service: TestService"];
  return lines([
    comment(`What a client sends for a valid ${entity.singular} that is like no other.`),
    block(signature(`export function ${input}`, parameter, names.input), [
      `const ${names.variable} = ${sample}();`,
      ["return ", tallObject(members), ";"],
    ]),
  ]);
}

/** Code that makes the content of a create request. */
export function inputCall(entity: Entity): string {
  const { input } = factoryNames(entity);
  return writableFields(entity).some(needsTarget) ? `${input}(service)` : `${input}()`;
}

function modulesOf(scope: Scope): readonly Module[] {
  return [
    { from: "node:crypto", types: [], values: ["randomUUID"] },
    ...scope.entities.flatMap((own): Module[] => {
      const names = namesOf(own.entity);
      return [
        {
          from: `../../src/domain/${names.file}.ts`,
          types: [names.type, names.input],
          values: [],
        },
        {
          from: `../../src/storage/${names.file}-repository.ts`,
          types: [],
          values: [names.repository],
        },
      ];
    }),
    { from: "./service.ts", types: ["TestService"], values: [] },
  ];
}

function entityDocs(scope: Scope, own: EntityScope): readonly Doc[] {
  return [
    "",
    sampleFunction(own.entity),
    "",
    storeFunction(scope, own.entity),
    ...(takesInput(own) ? ["", inputFunction(scope, own.entity)] : []),
  ];
}

/** `test/support/factories.ts`. */
export function factoriesFile(scope: Scope): string {
  const body = lines([
    'const firstTime = Date.parse("2020-01-01T00:00:00.000Z");',
    "let made = 0;",
    "",
    "/** 1, 2, 3, ...: what makes records differ. */",
    block("function nextNumber(): number", ["made += 1;", "return made;"]),
    ...scope.entities.flatMap((own) => entityDocs(scope, own)),
  ]);
  return print(lines([...importsFor(body, modulesOf(scope)), "", body]), lineWidth);
}
