import type { Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { list, object, property } from "../code/typescript.ts";
import { uniqueGroups } from "../emit/repository.ts";
import { kebab, wordsOf } from "../names.ts";
import type { Check } from "./check.ts";
import type { Subject } from "./parts.ts";

function sameValue(field: Field): string {
  const value = `first.${field.name}`;
  if (field.unique !== "ignoring-case") return value;
  return field.required ? `${value}.toUpperCase()` : `String(${value}).toUpperCase()`;
}

/** Values that must be unique: alone, without case, or together. */
export function uniquenessChecks(subject: Subject): readonly Check[] {
  return uniqueGroups(subject.entity)
    .filter((fields) => fields.every((field) => !field.readOnly))
    .map((fields) => uniquenessCheck(subject, fields));
}

function uniquenessCheck(subject: Subject, fields: readonly Field[]): Check {
  const names = fields.map((field) => field.name).join("-and-");
  const words = fields.map(wordsOf).join(" and ");
  const ignoring = fields.some((field) => field.unique === "ignoring-case");
  const same = object([
    `...${subject.content}`,
    ...fields.map((field) => property(field.name, sameValue(field))),
  ]);
  const filled = fields
    .filter((field) => field.type.kind === "reference" && !field.required)
    .map((field) => field.name);
  const pointers = list(
    "[",
    fields.map((field) => `"/${field.name}"`),
    "]",
  );
  const statements: Doc[] = [
    `const first = ${subject.store}(service${filled.length === 0 ? "" : `, { ${filled.map((name) => `${name}: null`).join(", ")} }`});`,
    ["const content = ", same, ";"],
    `const answer = await service.post<ProblemDocument>("${subject.path}", content);`,
    "expectProblem(answer, 409);",
    ["const pointers = ", pointers, ";"],
    "expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(pointers);",
  ];
  return {
    key: `rejects-taken-${kebab(names)}`,
    given: `${subject.one} with the same ${words}${ignoring ? ", in other case," : ""} exists`,
    when: "the content is sent",
    then: `the answer is 409 and names ${fields.map((field) => field.name).join(", ")}`,
    title: `refuses ${words} that another ${subject.noun} has`,
    body: statements,
  };
}
