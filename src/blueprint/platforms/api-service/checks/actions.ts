import type { Feature } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { literal, object } from "../code/typescript.ts";
import type { Literal } from "../code/typescript.ts";
import { wordsOf } from "../names.ts";
import { sampleOf } from "../samples.ts";
import { fieldOf, isAlwaysSet } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { missingCheck, recordPath, subjectOf, tokenCheck } from "./parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** A value of the field that the action does not set. */
function valueBefore(
  subject: Subject,
  { field: name, value }: Of<"action">["set"][number],
): string {
  const field = fieldOf(subject.entity, name);
  if (!isAlwaysSet(field)) return "null";
  const other = [1, 2].map((n) => sampleOf(field, n)).find((sample) => sample !== value);
  return JSON.stringify(other ?? null);
}

type Action = Of<"action">;

/** Code that stores a record on which the action has not been done. */
function storing(subject: Subject, feature: Action): Doc {
  const members = feature.set.map((set) => `${set.field}: ${valueBefore(subject, set)}`);
  return [`const ${subject.variable} = ${subject.store}(service, `, object(members), ");"];
}

function actionPath(subject: Subject, feature: Action): string {
  return recordPath(subject, subject.variable, `/${feature.action}`);
}

function settingCheck(subject: Subject, feature: Action): Check {
  const { variable, type, one } = subject;
  const path = actionPath(subject, feature);
  const fixed = feature.set.flatMap(({ field, value }): [string, Literal][] =>
    typeof value === "object" ? [] : [[field, value]],
  );
  const times = feature.set.filter(({ value }) => typeof value === "object");
  const words = feature.set.map(({ field }) => wordsOf(fieldOf(subject.entity, field))).join(", ");
  const before = storing(subject, feature);
  return {
    key: "sets-its-fields",
    given: `${one} exists`,
    when: `${feature.action} is posted for it`,
    then: `the answer is 200, ${words} is set, everything else stays, and it is stored`,
    title: `sets ${words}`,
    body: [
      before,
      `const answer = await service.post<${type}>(${path});`,
      "expect(answer.status).toBe(200);",
      ["const expected = ", literal(Object.fromEntries(fixed)), ";"],
      "expect(answer.body).toMatchObject(expected);",
      ...times.map(({ field }) =>
        fieldOf(subject.entity, field).type.kind === "date"
          ? `expect(answer.body.${field}).toBe(answer.body.updatedAt.slice(0, 10));`
          : `expect(answer.body.${field}).toBe(answer.body.updatedAt);`,
      ),
      `expect(answer.body.createdAt).toBe(${variable}.createdAt);`,
      `const stored = new ${subject.repository}(service.database).find(${variable}.id);`,
      "expect(stored).toEqual(answer.body);",
    ],
  };
}

function repetitionCheck(subject: Subject, feature: Action): Check {
  const { variable, type, one, noun } = subject;
  const path = actionPath(subject, feature);
  const before = storing(subject, feature);
  return {
    key: "refuses-repetition",
    given: `${feature.action} was posted for ${one} already`,
    when: "it is posted again",
    then: `the answer is 409 and the ${noun} stays as it was`,
    title: `refuses to ${feature.action.replaceAll("-", " ")} twice`,
    body: [
      before,
      `const first = await service.post<${type}>(${path});`,
      `expectProblem(await service.post(${path}), 409);`,
      `const stored = new ${subject.repository}(service.database).find(${variable}.id);`,
      "expect(stored).toEqual(first.body);",
    ],
  };
}

/** What an action must do and refuse. */
export function actionChecks(context: CheckContext, feature: Action): readonly Check[] {
  const subject = subjectOf(context);
  const hasFixed = feature.set.some(({ value }) => typeof value !== "object");
  return [
    settingCheck(subject, feature),
    ...(hasFixed ? [repetitionCheck(subject, feature)] : []),
    missingCheck(subject, { method: "post", tail: `/${feature.action}` }),
    ...tokenCheck(context, {
      reads: false,
      does: `${feature.action.replaceAll("-", " ")} ${subject.one}`,
      before: [storing(subject, feature)],
      call: `service.post(${actionPath(subject, feature)}, undefined, OPTIONS)`,
      success: 200,
    }),
  ];
}
