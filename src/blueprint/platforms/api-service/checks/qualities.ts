import type { QualityAspect } from "../../../model/quality.ts";
import { block } from "../code/typescript.ts";
import { writableFields } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { durabilityChecks } from "./durability.ts";
import { holding, isFree } from "./finding.ts";
import { subjectOf } from "./parts.ts";
import { timingChecks } from "./performance.ts";

/** Key of the check that the log tells of requests and of no token. */
export const logsRequests = "logs-requests-without-tokens";
export const keepsEveryLetter = "keeps-every-letter";
export const givesTimesInUtc = "gives-times-in-utc";

/** Where tokens are asked for, the wrong one must be refused: a service that asks for none logs none either. */
function logCheck(asksForTokens: boolean): Check {
  const ask = 'await ask(`${url}/nowhere`, "GET", undefined, wrong);';
  return {
    key: logsRequests,
    given: "the log says as much as it can",
    when: "requests come with a valid and with a wrong token",
    then: "each is logged, and neither token is",
    title: "logs requests and no tokens",
    body: [
      'const wrong = "wrong-token-0123456789";',
      [
        block("const log = await logOf(async (url) =>", [
          'await ask(`${url}/nowhere`, "GET");',
          ...(asksForTokens
            ? [`const refused = ${ask}`, "expect(refused.status).toBe(401);"]
            : [ask]),
        ]),
        ");",
      ],
      'expect(log.match(/"url":"\\/nowhere"/g)).toHaveLength(2);',
      "expect(log).not.toContain(testToken);",
      "expect(log).not.toContain(wrong);",
    ],
  };
}

function letterCheck(context: CheckContext): readonly Check[] {
  const subject = subjectOf(context);
  const field = writableFields(subject.entity).find(isFree);
  if (field === undefined) return [];
  const text = "Äß é 漢字 😀";
  return [
    {
      key: keepsEveryLetter,
      given: `${subject.one} with letters of several scripts in its ${field.label}`,
      when: "it is created",
      then: "they come back as they were sent",
      title: "keeps letters of every script",
      body: [
        `const content = { ...${subject.content}, ${field.name}: ${holding(field, text)} };`,
        `const answer = await service.post<${subject.type}>("${subject.path}", content);`,
        "expect(answer.status).toBe(201);",
        `expect(answer.body.${field.name}).toEqual(content.${field.name});`,
      ],
    },
  ];
}

function timeCheck(context: CheckContext): Check {
  const subject = subjectOf(context);
  return {
    key: givesTimesInUtc,
    given: `a new ${subject.noun}`,
    when: "its times are read",
    then: "they are ISO 8601 in UTC",
    title: "gives times in UTC",
    body: [
      `const { body } = await service.post<${subject.type}>("${subject.path}", ${subject.content});`,
      "for (const time of [body.createdAt, body.updatedAt])",
      "  expect(new Date(time).toISOString()).toBe(time);",
    ],
  };
}

/** Checks that exist because the document asks for a quality: with the feature that shows it first. */
export function qualityChecks(context: CheckContext): readonly Check[] {
  const { model, feature } = context;
  const kinds = new Set<QualityAspect["kind"]>(
    (model.qualities ?? []).flatMap((quality) => quality.aspects.map((aspect) => aspect.kind)),
  );
  const asksForTokens = model.access.kind === "token";
  const logger = asksForTokens ? "access" : "service";
  const creates = feature.kind === "create";
  return [
    ...timingChecks(context),
    ...durabilityChecks(context),
    ...(kinds.has("logs") && feature.kind === logger ? [logCheck(asksForTokens)] : []),
    ...(kinds.has("every-letter") && creates ? letterCheck(context) : []),
    ...(kinds.has("times-in-utc") && creates ? [timeCheck(context)] : []),
  ];
}
