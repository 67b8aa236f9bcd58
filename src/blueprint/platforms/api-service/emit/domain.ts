import type { Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines, print } from "../code/doc.ts";
import { layout } from "../code/layout.ts";
import { shownTypes } from "../field-schema.ts";
import {
  block,
  comment,
  lineWidth,
  list,
  literal,
  member,
  property,
  signature,
  tallObject,
} from "../code/typescript.ts";
import { namesOf, withArticle } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { isAlwaysSet, mustBeSent, writableFields } from "../scope.ts";
import { importsFor } from "./imports.ts";
import type { Module } from "./imports.ts";

const modules: readonly Module[] = [
  { from: "./dates.ts", types: [], values: ["notInFuture", "notInPast"] },
  { from: "./fault.ts", types: ["Fault"], values: [] },
  {
    from: "./values.ts",
    types: [],
    values: ["dateOf", "distinctLabels", "lowerCaseLabels", "optionalTime", "utcTime"],
  },
];

/** True when the entity has rules that its JSON Schema cannot hold. */
export function hasDateRules(own: EntityScope): boolean {
  return datesWithRule(own).length > 0;
}

function datesWithRule(own: EntityScope): readonly (readonly [Field, string])[] {
  return writableFields(own.entity).flatMap((field): (readonly [Field, string])[] => {
    if (field.type.kind !== "date" || field.type.relation === "any") return [];
    return [[field, field.type.relation === "past-or-today" ? "notInFuture" : "notInPast"]];
  });
}

function defaultOf(field: Field): string | undefined {
  const { default: value } = field;
  if (value?.kind === "value") return literalText(value.value);
  if (value?.kind === "now") return field.type.kind === "date" ? "dateOf(now)" : "time";
  if (field.type.kind === "labels" || field.type.kind === "references") return "[]";
  return isAlwaysSet(field) ? undefined : "null";
}

function literalText(value: string | number | boolean | readonly string[]): string {
  return print(literal(value), Infinity).trimEnd();
}

/** Code that brings a value into the form that is stored. */
function normalised(field: Field, value: string): string {
  const { type } = field;
  if (type.kind === "labels")
    return `${type.lowercase ? "lowerCaseLabels" : "distinctLabels"}(${value})`;
  if (type.kind === "datetime")
    return `${isAlwaysSet(field) ? "utcTime" : "optionalTime"}(${value})`;
  return value;
}

function isNormalised(field: Field): boolean {
  return normalised(field, "") !== "";
}

function newValue(field: Field): Doc {
  const fallback = defaultOf(field);
  if (field.readOnly) return property(field.name, fallback ?? "null");
  const sent = `input.${field.name}`;
  const optionalTime = field.type.kind === "datetime" && !isAlwaysSet(field);
  const value =
    mustBeSent(field) || fallback === undefined || optionalTime ? sent : `${sent} ?? ${fallback}`;
  return property(field.name, normalised(field, value));
}

function changedValue(own: EntityScope, field: Field): Doc {
  const { variable } = namesOf(own.entity);
  const value = `changes.${field.name}`;
  if (field.type.kind === "datetime" && !isAlwaysSet(field))
    return `...(${value} !== undefined && { ${field.name}: ${normalised(field, value)} })`;
  return `${field.name}: ${normalised(field, `${value} ?? ${variable}.${field.name}`)}`;
}

function recordInterface(own: EntityScope): Doc {
  const { entity } = own;
  const { type } = namesOf(entity);
  const about = entity.description === "" ? `${withArticle(entity.singular)}.` : entity.description;
  return lines([
    comment(about.charAt(0).toUpperCase() + about.slice(1)),
    block(`export interface ${type}`, [
      "readonly id: string;",
      ...entity.fields.map((field) => member(field.name, shownTypes(field))),
      "readonly createdAt: string;",
      "readonly updatedAt: string;",
    ]),
  ]);
}

function sentInterface(own: EntityScope, name: string, about: string, allOptional: boolean): Doc {
  return lines([
    comment(about),
    block(
      `export interface ${name}`,
      writableFields(own.entity).map((field) =>
        member(field.name, shownTypes(field), allOptional || !mustBeSent(field)),
      ),
    ),
  ]);
}

function creation(own: EntityScope): Doc {
  const { type, input } = namesOf(own.entity);
  const head = signature(
    `export function new${type}`,
    [`input: ${input}`, "id: string", "now: Date"],
    type,
  );
  return lines([
    comment("Fills in what was not sent and what the service sets itself."),
    block(head, [
      "const time = now.toISOString();",
      [
        "return ",
        tallObject([
          "id",
          ...own.entity.fields.map(newValue),
          "createdAt: time",
          "updatedAt: time",
        ]),
        ";",
      ],
    ]),
  ]);
}

function change(own: EntityScope): Doc {
  const { type, changes, variable } = namesOf(own.entity);
  const head = signature(
    `export function changed${type}`,
    [`${variable}: ${type}`, `changes: ${changes}`, "now: Date"],
    type,
  );
  return lines([
    comment("Fields that were not sent stay as they are."),
    block(head, [
      [
        "return ",
        tallObject([
          `...${variable}`,
          "...changes",
          ...writableFields(own.entity)
            .filter(isNormalised)
            .map((field) => changedValue(own, field)),
          "updatedAt: now.toISOString()",
        ]),
        ";",
      ],
    ]),
  ]);
}

function dateRules(own: EntityScope): Doc {
  const { type, input, changes } = namesOf(own.entity);
  const sent = takesInput(own) ? `Partial<${input}>` : changes;
  const head = signature(
    `export function faultsIn${type}`,
    [`sent: ${sent}`, "now: Date"],
    "readonly Fault[]",
  );
  const faults = datesWithRule(own).map(
    ([field, rule]) => `...${rule}("/${field.name}", sent.${field.name}, now)`,
  );
  return lines([
    comment("What the schema of the API document cannot say. Only what was sent is looked at."),
    block(head, [["return ", literalList(faults), ";"]]),
  ]);
}

function literalList(items: readonly string[]): Doc {
  return list("[", items.map(layout), "]");
}

/** True when whole records come in: by creation or by import. */
export function takesInput(own: EntityScope): boolean {
  return own.create !== undefined || own.import !== undefined;
}

/** True when stored records are changed by what a client sends. */
export function takesChanges(own: EntityScope): boolean {
  return own.update !== undefined || own.import?.duplicates === "update";
}

/** `src/domain/<entity>.ts`: the record and the rules that it obeys. */
export function domainFile(own: EntityScope): string {
  const { singular } = own.entity;
  const names = namesOf(own.entity);
  const parts: Doc[] = [recordInterface(own)];
  if (takesInput(own))
    parts.push(
      sentInterface(own, names.input, `What a client sends for a new ${singular}.`, false),
    );
  if (takesChanges(own))
    parts.push(
      sentInterface(own, names.changes, `What a client changes in ${withArticle(singular)}.`, true),
    );
  if (takesInput(own)) parts.push(creation(own));
  if (takesChanges(own)) parts.push(change(own));
  if (hasDateRules(own) && (takesInput(own) || takesChanges(own))) parts.push(dateRules(own));
  const body = lines(parts.flatMap((part, index) => (index === 0 ? [part] : ["", part])));
  const imports = importsFor(body, modules);
  return print(lines([...imports, ...(imports.length > 0 ? [""] : []), body]), lineWidth);
}
