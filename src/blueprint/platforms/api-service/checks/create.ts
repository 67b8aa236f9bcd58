import type { Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { expression, literal, object } from "../code/typescript.ts";
import type { Literal } from "../code/typescript.ts";
import { factoryNames, needsTarget } from "../emit/factories.ts";
import { kebab, wordsOf } from "../names.ts";
import { entityOf, mustBeSent, targetOf, writableFields } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { subjectOf, tokenCheck, unknownId } from "./parts.ts";
import { violationsOf } from "./violations.ts";
import { uniquenessChecks } from "./uniqueness.ts";

function post(subject: Subject, content: Doc): Doc {
  return [`await service.post<${subject.type}>("${subject.path}", `, content, ")"];
}

/** `{ ...bookmarkInput(), title: "" }` */
function changed(subject: Subject, field: string, code: string): Doc {
  return object([`...${subject.content}`, field === code ? field : `${field}: ${code}`]);
}

function refusal(subject: Subject, content: Doc, status: number, pointer: string): readonly Doc[] {
  return [
    ["const content = ", content, ";"],
    ["const answer = ", post(subject, "content"), ";"],
    `expectProblem(answer, ${status}, "${pointer}");`,
  ];
}

function completeCheck(context: CheckContext, subject: Subject): Check {
  const targets = writableFields(subject.entity).filter(
    (field) => targetOf(field) !== undefined && !needsTarget(field),
  );
  const members = targets.map((field): [string, Literal] => {
    const target = entityOf(context.model, targetOf(field) ?? "");
    const id = `${factoryNames(target).store}(service).id`;
    return [field.name, expression(field.type.kind === "references" ? `[${id}]` : id)];
  });
  const content: Doc =
    members.length === 0
      ? subject.content
      : object([
          `...${subject.content}`,
          ...members.map(([name, value]): Doc => [`${name}: `, literal(value)]),
        ]);
  return {
    key: "creates-with-every-field",
    given: `valid content with every field of ${subject.one}`,
    when: "it is sent",
    then: `the answer is 201 with the new ${subject.noun}, its id, its times and its location, and it is stored`,
    title: `creates ${subject.one} with every field`,
    body: [
      ["const content = ", content, ";"],
      ["const answer = ", post(subject, "content"), ";"],
      "expect(answer.status).toBe(201);",
      "expect(answer.body).toMatchObject(content);",
      `expect(answer.headers.get("location")).toBe(\`${subject.path}/\${answer.body.id}\`);`,
      `const stored = new ${subject.repository}(service.database).find(answer.body.id);`,
      "expect(stored).toEqual(answer.body);",
    ],
  };
}

function requiredChecks(subject: Subject): readonly Check[] {
  return writableFields(subject.entity)
    .filter(mustBeSent)
    .map((field) => ({
      key: `rejects-missing-${kebab(field.name)}`,
      given: `content without ${wordsOf(field)}`,
      when: "it is sent",
      then: `the answer is 422 and names ${field.name}`,
      title: `refuses ${subject.one} without ${wordsOf(field)}`,
      body: refusal(subject, changed(subject, field.name, "undefined"), 422, `/${field.name}`),
    }));
}

function violationChecks(subject: Subject): readonly Check[] {
  return writableFields(subject.entity)
    .flatMap((field) => violationsOf(field))
    .map((violation) => {
      const field = violation.pointer.split("/")[1] ?? "";
      return {
        key: `rejects-${violation.key}`,
        given: `content with ${violation.words}`,
        when: "it is sent",
        then: `the answer is 422 and names ${field}`,
        title: `refuses ${violation.words}`,
        body: refusal(subject, changed(subject, field, violation.code), 422, violation.pointer),
      };
    });
}

function unknownFieldChecks(subject: Subject): readonly Check[] {
  const names = [
    "unknownField",
    "id",
    ...subject.entity.fields.filter((field) => field.readOnly).map((field) => field.name),
  ];
  return names.map((name) => ({
    key: name === "unknownField" ? "rejects-unknown-field" : `rejects-sent-${kebab(name)}`,
    given:
      name === "unknownField"
        ? "content with a field that is not known"
        : `content with ${name}, which only the service sets`,
    when: "it is sent",
    then: "the answer is 422 and names the field",
    title: `refuses a client's ${name}`,
    body: refusal(subject, changed(subject, name, '"x"'), 422, `/${name}`),
  }));
}

function optionalCheck(subject: Subject): readonly Check[] {
  const optional = writableFields(subject.entity).filter((field) => !mustBeSent(field));
  if (optional.length === 0) return [];
  const left = Object.fromEntries(optional.map((field) => [field.name, expression("undefined")]));
  const expected = Object.fromEntries(
    optional
      .filter((field) => field.default?.kind !== "now")
      .map((field): [string, Literal] => [field.name, absentValue(field)]),
  );
  return [
    {
      key: "fills-in-what-is-left-out",
      given: "content with the required fields only",
      when: "it is sent",
      then: "the others have their default, or nothing",
      title: "fills in what is left out",
      body: [
        ["const left = ", literal(left), ";"],
        ["const content = ", object([`...${subject.content}`, "...left"]), ";"],
        ["const answer = ", post(subject, "content"), ";"],
        "expect(answer.status).toBe(201);",
        ["const expected = ", literal(expected), ";"],
        "expect(answer.body).toMatchObject(expected);",
        ...optional
          .filter((field) => field.default?.kind === "now")
          .map((field) =>
            field.type.kind === "date"
              ? `expect(answer.body.${field.name}).toBe(answer.body.createdAt.slice(0, 10));`
              : `expect(answer.body.${field.name}).toBe(answer.body.createdAt);`,
          ),
      ],
    },
  ];
}

function absentValue(field: Field): Literal {
  if (field.default?.kind === "value") return field.default.value;
  return field.type.kind === "labels" || field.type.kind === "references" ? [] : null;
}

function labelChecks(subject: Subject): readonly Check[] {
  return writableFields(subject.entity).flatMap((field): Check[] => {
    const { type } = field;
    if (type.kind !== "labels" || (type.maxItems ?? 9) < 2 || (type.maxLength ?? 9) < 3) return [];
    const sent = [" B ", "a", "B"];
    const kept = type.lowercase ? ["b", "a"] : ["B", "a"];
    return [
      {
        key: `tidies-${kebab(field.name)}`,
        given: `${wordsOf(field)} with blanks around them and repeated ones`,
        when: "they are sent",
        then: "each is kept once, without the blanks",
        title: `keeps each of the ${wordsOf(field)} once, without blanks around it`,
        body: [
          [
            "const answer = ",
            post(subject, changed(subject, field.name, JSON.stringify(sent).replaceAll(",", ", "))),
            ";",
          ],
          `expect(answer.body.${field.name}).toEqual(${JSON.stringify(kept).replaceAll(",", ", ")});`,
        ],
      },
    ];
  });
}

function referenceChecks(subject: Subject): readonly Check[] {
  return writableFields(subject.entity)
    .filter((field) => targetOf(field) !== undefined)
    .map((field) => {
      const value = field.type.kind === "references" ? `["${unknownId}"]` : `"${unknownId}"`;
      return {
        key: `rejects-unknown-${kebab(field.name)}`,
        given: `${wordsOf(field)} with an id that nothing has`,
        when: "it is sent",
        then: `the answer is 422 and names ${field.name}`,
        title: `refuses ${wordsOf(field)} that does not exist`,
        body: refusal(subject, changed(subject, field.name, value), 422, `/${field.name}`),
      };
    });
}

function unreadableCheck(subject: Subject): Check {
  return {
    key: "refuses-unreadable-content",
    given: "content that is no JSON, no object, too large, or of another media type",
    when: "it is sent",
    then: "the answer is 400, 422, 413 or 415 with a problem document",
    title: "refuses content that it cannot read",
    body: [
      `const send = (text: string, contentType?: string) => service.post("${subject.path}", undefined, { text, ...(contentType && { contentType }) });`,
      'expectProblem(await send("{"), 400);',
      'expectProblem(await send("[]"), 422);',
      'expectProblem(await send(`"${"x".repeat(2_000_000)}"`), 413);',
      'expectProblem(await send("{}", "application/xml"), 415);',
    ],
  };
}

/** What creating an entity must do and refuse. */
export function createChecks(context: CheckContext): readonly Check[] {
  const subject = subjectOf(context);
  return [
    completeCheck(context, subject),
    ...optionalCheck(subject),
    ...labelChecks(subject),
    ...requiredChecks(subject),
    ...violationChecks(subject),
    ...unknownFieldChecks(subject),
    ...uniquenessChecks(subject),
    ...referenceChecks(subject),
    unreadableCheck(subject),
    ...tokenCheck(context, {
      reads: false,
      does: `create ${subject.one}`,
      before: [`const content = ${subject.content};`],
      call: `service.post("${subject.path}", content, OPTIONS)`,
      success: 201,
    }),
  ];
}
