import type { Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { object, property } from "../code/typescript.ts";
import { selfReferences, uniqueGroups } from "../emit/repository.ts";
import { kebab, wordsOf } from "../names.ts";
import { sampleOf } from "../samples.ts";
import { isAlwaysSet, targetOf, writableFields } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { missingCheck, recordPath, subjectOf, tokenCheck, unknownId } from "./parts.ts";
import { violationsOf } from "./violations.ts";

function stored(subject: Subject): string {
  return `const ${subject.variable} = ${subject.store}(service);`;
}

function patch(subject: Subject, changes: Doc, type = ""): Doc {
  const path = recordPath(subject, subject.variable);
  return [`await service.patch${type}(${path}, `, changes, ")"];
}

/** Code of another valid value than the one that factories give. */
function changeOf(field: Field): string | undefined {
  // Factories count: what is unique gets a value that they do not reach.
  const n = field.unique === "no" ? 2 : field.type.kind === "date" ? 9 : 99;
  const value = sampleOf(field, n);
  const isDefault = field.default?.kind === "value" && field.default.value === value;
  const other = isDefault ? sampleOf(field, 1) : value;
  return other === undefined ? undefined : JSON.stringify(other).replaceAll('","', '", "');
}

function changeChecks(subject: Subject): readonly Check[] {
  const { variable, type } = subject;
  const changes = writableFields(subject.entity).flatMap((field) => {
    const code = changeOf(field);
    return code === undefined ? [] : [[field, code] as const];
  });
  return changes.map(([field, code]) => ({
    key: `changes-${kebab(field.name)}`,
    given: `${subject.one} exists`,
    when: `only another ${wordsOf(field)} is sent`,
    then: "the answer is 200 with it, everything else stays as it was, and it is stored",
    title: `changes ${wordsOf(field)} and nothing else`,
    body: [
      stored(subject),
      ["const changes = ", object([`${field.name}: ${code}`]), ";"],
      ["const answer = ", patch(subject, "changes", `<${type}>`), ";"],
      "expect(answer.status).toBe(200);",
      "const { updatedAt } = answer.body;",
      ["const expected = ", object([`...${variable}`, "...changes", "updatedAt"]), ";"],
      "expect(answer.body).toEqual(expected);",
      `expect(updatedAt > ${variable}.updatedAt).toBe(true);`,
      `const stored = new ${subject.repository}(service.database).find(${variable}.id);`,
      "expect(stored).toEqual(answer.body);",
    ],
  }));
}

function clearingChecks(subject: Subject): readonly Check[] {
  return writableFields(subject.entity).map((field): Check => {
    const clears = !isAlwaysSet(field);
    const name = wordsOf(field);
    return {
      key: `${clears ? "clears" : "keeps"}-${kebab(field.name)}`,
      given: `${subject.one} exists`,
      when: `null is sent for ${name}`,
      then: clears
        ? "the answer is 200 and it has none any more"
        : `the answer is 422 and names ${field.name}`,
      title: clears ? `clears ${name}` : `refuses to clear ${name}`,
      body: clears
        ? [
            stored(subject),
            [
              "const answer = ",
              patch(subject, `{ ${field.name}: null }`, `<${subject.type}>`),
              ";",
            ],
            "expect(answer.status).toBe(200);",
            `expect(answer.body.${field.name}).toBeNull();`,
          ]
        : [
            stored(subject),
            ["const answer = ", patch(subject, `{ ${field.name}: null }`), ";"],
            `expectProblem(answer, 422, "/${field.name}");`,
          ],
    };
  });
}

function refusalChecks(subject: Subject): readonly Check[] {
  const violations = writableFields(subject.entity).flatMap((field) => violationsOf(field));
  return [
    ...violations.map((violation) => {
      const field = violation.pointer.split("/")[1] ?? "";
      return {
        key: `rejects-${violation.key}`,
        given: `${subject.one} exists`,
        when: `${violation.words} is sent for it`,
        then: `the answer is 422, names ${field}, and nothing is changed`,
        title: `refuses to change to ${violation.words}`,
        body: [
          stored(subject),
          ["const changes = ", object([`${field}: ${violation.code}`]), ";"],
          ["const answer = ", patch(subject, "changes"), ";"],
          `expectProblem(answer, 422, "${violation.pointer}");`,
          `const kept = new ${subject.repository}(service.database).find(${subject.variable}.id);`,
          `expect(kept).toEqual(${subject.variable});`,
        ] satisfies readonly Doc[],
      };
    }),
    {
      key: "rejects-unknown-field",
      given: `${subject.one} exists`,
      when: "a field that is not known, or no field at all, is sent for it",
      then: "the answer is 422",
      title: "refuses unknown fields and empty changes",
      body: [
        stored(subject),
        ["const unknown = ", patch(subject, "{ unknownField: 1 }"), ";"],
        'expectProblem(unknown, 422, "/unknownField");',
        ["const empty = ", patch(subject, "{}"), ";"],
        "expectProblem(empty, 422);",
      ],
    },
  ];
}

function uniquenessChecks(subject: Subject): readonly Check[] {
  return uniqueGroups(subject.entity)
    .filter((fields) => fields.every((field) => !field.readOnly && targetOf(field) === undefined))
    .map((fields) => {
      const names = fields.map((field) => field.name);
      return {
        key: `rejects-taken-${kebab(names.join("-and-"))}`,
        given: `two ${subject.entity.plural} exist`,
        when: `one gets ${fields.map(wordsOf).join(" and ")} of the other`,
        then: `the answer is 409; its own are no conflict`,
        title: `refuses to change to ${fields.map(wordsOf).join(" and ")} of another ${subject.noun}`,
        body: [
          stored(subject),
          `const other = ${subject.store}(service);`,
          ["const same = ", object(names.map((name) => property(name, `other.${name}`))), ";"],
          ["const answer = ", patch(subject, "same"), ";"],
          `expectProblem(answer, 409, "/${names[0] ?? ""}");`,
          [
            "const own = ",
            object(names.map((name) => property(name, `${subject.variable}.${name}`))),
            ";",
          ],
          ["const unchanged = ", patch(subject, "own"), ";"],
          "expect(unchanged.status).toBe(200);",
        ] satisfies readonly Doc[],
      };
    });
}

function referenceChecks(subject: Subject): readonly Check[] {
  return writableFields(subject.entity)
    .filter((field) => targetOf(field) !== undefined)
    .map((field) => {
      const id = field.type.kind === "references" ? `["${unknownId}"]` : `"${unknownId}"`;
      return {
        key: `rejects-unknown-${kebab(field.name)}`,
        given: `${subject.one} exists`,
        when: `${wordsOf(field)} with an id that nothing has is sent for it`,
        then: `the answer is 422 and names ${field.name}`,
        title: `refuses to change to ${wordsOf(field)} that does not exist`,
        body: [
          stored(subject),
          `const changes = { ${field.name}: ${id} };`,
          ["const answer = ", patch(subject, "changes"), ";"],
          `expectProblem(answer, 422, "/${field.name}");`,
        ] satisfies readonly Doc[],
      };
    });
}

function ringChecks(subject: Subject): readonly Check[] {
  const { path, type, store } = subject;
  return selfReferences(subject.entity)
    .filter((field) => !field.readOnly)
    .map((field) => ({
      key: `rejects-ring-${kebab(field.name)}`,
      given: `${subject.one} stands above another`,
      when: `${wordsOf(field)} of the upper one becomes the lower one, or itself`,
      then: `the answer is 422 and names ${field.name}`,
      title: `refuses to put ${subject.one} inside itself`,
      body: [
        `const upper = ${store}(service);`,
        `const middle = ${store}(service, { ${field.name}: upper.id });`,
        `const lower = ${store}(service, { ${field.name}: middle.id });`,
        `const move = (id: string) => service.patch<${type}>(\`${path}/\${upper.id}\`, { ${field.name}: id });`,
        `expectProblem(await move(lower.id), 422, "/${field.name}");`,
        `expectProblem(await move(upper.id), 422, "/${field.name}");`,
        `const another = ${store}(service);`,
        "expect((await move(another.id)).status).toBe(200);",
      ],
    }));
}

/** What changing one record must do and refuse. */
export function updateChecks(context: CheckContext): readonly Check[] {
  const subject = subjectOf(context);
  const field = writableFields(subject.entity).find((one) => sampleOf(one, 2) !== undefined);
  const change = field === undefined ? "{}" : `{ ${field.name}: ${changeOf(field) ?? "null"} }`;
  return [
    ...changeChecks(subject),
    ...clearingChecks(subject),
    ...refusalChecks(subject),
    ...uniquenessChecks(subject),
    ...referenceChecks(subject),
    ...ringChecks(subject),
    missingCheck(subject, { method: "patch", body: change }),
    ...tokenCheck(context, {
      reads: false,
      does: `change ${subject.one}`,
      before: [stored(subject)],
      call: `service.patch(${recordPath(subject, subject.variable)}, ${change}, OPTIONS)`,
      success: 200,
    }),
  ];
}
