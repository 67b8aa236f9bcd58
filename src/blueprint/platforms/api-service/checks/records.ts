import { deletionRuleChecks, removalCheck } from "./deletion.ts";
import type { Check, CheckContext } from "./check.ts";
import { missingCheck, recordPath, subjectOf, tokenCheck } from "./parts.ts";

/** What showing one record must do and refuse. */
export function readChecks(context: CheckContext): readonly Check[] {
  const subject = subjectOf(context);
  const { variable, one, noun } = subject;
  return [
    {
      key: "shows-one",
      given: `${one} exists`,
      when: "it is asked for by its id",
      then: `the answer is 200 with the whole ${noun}`,
      title: `shows ${one}`,
      body: [
        `const ${variable} = ${subject.store}(service);`,
        `${subject.store}(service);`,
        `const answer = await service.get(${recordPath(subject, variable)});`,
        "expect(answer.status).toBe(200);",
        `expect(answer.body).toEqual(${variable});`,
      ],
    },
    missingCheck(subject, { method: "get" }),
    ...tokenCheck(context, {
      reads: true,
      does: `see ${one}`,
      before: [`const ${variable} = ${subject.store}(service);`],
      call: `service.get(${recordPath(subject, variable)}, OPTIONS)`,
      success: 200,
    }),
  ];
}

/** What deleting one record must do and refuse. */
export function deleteChecks(context: CheckContext): readonly Check[] {
  const subject = subjectOf(context);
  const { variable } = subject;
  return [
    removalCheck(subject),
    ...deletionRuleChecks(context, subject),
    missingCheck(subject, { method: "delete" }),
    ...tokenCheck(context, {
      reads: false,
      does: `delete ${subject.one}`,
      before: [`const ${variable} = ${subject.store}(service);`],
      call: `service.delete(${recordPath(subject, variable)}, OPTIONS)`,
      success: 204,
    }),
  ];
}
