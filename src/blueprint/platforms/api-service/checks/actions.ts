import type { Feature } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { literal, object } from "../code/typescript.ts";
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

/** What an action must do and refuse. */
export function actionChecks(context: CheckContext, feature: Of<"action">): readonly Check[] {
  const subject = subjectOf(context);
  const { variable, type, one, noun } = subject;
  const path = recordPath(subject, variable, `/${feature.action}`);
  const before: Doc = [
    `const ${variable} = ${subject.store}(service, `,
    object(feature.set.map((set) => `${set.field}: ${valueBefore(subject, set)}`)),
    ");",
  ];
  const fixed = feature.set.filter(({ value }) => typeof value !== "object");
  const times = feature.set.filter(({ value }) => typeof value === "object");
  const words = feature.set.map(({ field }) => wordsOf(fieldOf(subject.entity, field))).join(", ");
  const beforePlain = `const ${variable} = ${subject.store}(service, { ${feature.set.map((set) => `${set.field}: ${valueBefore(subject, set)}`).join(", ")} });`;
  return [
    {
      key: "sets-its-fields",
      given: `${one} exists`,
      when: `${feature.action} is posted for it`,
      then: `the answer is 200, ${words} is set, everything else stays, and it is stored`,
      title: `sets ${words}`,
      body: [
        before,
        `const answer = await service.post<${type}>(${path});`,
        "expect(answer.status).toBe(200);",
        [
          "const expected = ",
          literal(
            Object.fromEntries(
              fixed.map(({ field, value }) => [field, typeof value === "object" ? null : value]),
            ),
          ),
          ";",
        ],
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
    },
    ...(fixed.length === 0
      ? []
      : [
          {
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
          },
        ]),
    missingCheck(subject, { method: "post", tail: `/${feature.action}` }),
    ...tokenCheck(context, {
      reads: false,
      does: `${feature.action.replaceAll("-", " ")} ${one}`,
      before: [beforePlain],
      call: `service.post(${path}, undefined, OPTIONS)`,
      success: 200,
    }),
  ];
}

/** What counting must do. */
export function countChecks(context: CheckContext, feature: Of<"count">): readonly Check[] {
  const subject = subjectOf(context);
  const field = fieldOf(subject.entity, feature.field);
  const path = `${subject.path}/counts/${feature.field}`;
  const [a, b] = [sampleOf(field, 1), sampleOf(field, 2)];
  if (a === undefined || b === undefined) return [];
  const code = (value: typeof a): string => JSON.stringify(value);
  const counted = (value: typeof a): string =>
    JSON.stringify(typeof value === "object" ? value[0] : value);
  return [
    {
      key: "counts-by-value",
      given: `two ${subject.entity.plural} with one ${wordsOf(field)} and one with another`,
      when: "the counts are asked for",
      then: "the answer is 200 with 2 and 1",
      title: `counts ${subject.entity.plural} for each ${wordsOf(field)}`,
      body: [
        `${subject.store}(service, { ${feature.field}: ${code(a)} });`,
        `${subject.store}(service, { ${feature.field}: ${code(a)} });`,
        `${subject.store}(service, { ${feature.field}: ${code(b)} });`,
        `const answer = await service.get<{ counts: readonly unknown[] }>("${path}");`,
        "expect(answer.status).toBe(200);",
        `expect(answer.body.counts).toContainEqual({ value: ${counted(a)}, count: 2 });`,
        `expect(answer.body.counts).toContainEqual({ value: ${counted(b)}, count: 1 });`,
      ],
    },
    ...tokenCheck(context, {
      reads: true,
      does: `count ${subject.entity.plural}`,
      call: `service.get("${path}", OPTIONS)`,
      success: 200,
    }),
  ];
}

/** What access by token must do and refuse, apart from operations: each has a check of its own. */
export function accessChecks(context: CheckContext): readonly Check[] {
  const { access } = context.model;
  const publicReads = access.kind === "token" && access.publicReads;
  return [
    {
      key: "refuses-without-token",
      given: "the service has tokens",
      when: "a request comes without a token, with a wrong one, or with one of another scheme",
      then: "the answer is 401 with `WWW-Authenticate`, whether or not the path exists; a valid token gets further",
      title: "lets only valid tokens pass",
      body: [
        'const send = (token: string | null) => service.send("POST", "/nowhere", { token });',
        "const refused = await send(null);",
        "expectProblem(refused, 401);",
        'expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer/);',
        'expectProblem(await send("wrong-token-0123456789"), 401);',
        "expectProblem(await send(`${testToken}x`), 401);",
        "expectProblem(await send(testToken), 404);",
      ],
    },
    {
      key: "leaves-operations-open",
      given: "the service has tokens",
      when: publicReads
        ? "something is read, or health, readiness or the API document are asked for, without a token"
        : "health, readiness or the API document are asked for without a token",
      then: "they are answered, and the document says which operations want a token",
      title: "answers health and its document to everybody",
      body: [
        'for (const path of ["/healthz", "/readyz", "/openapi.json"])',
        "  expect((await service.get(path, { token: null })).status).toBe(200);",
        "const { components } = contract.document;",
        'expect(components).toMatchObject({ securitySchemes: { bearer: { scheme: "bearer" } } });',
        publicReads
          ? 'expectProblem(await service.send("GET", "/nowhere", { token: null }), 404);'
          : 'expectProblem(await service.send("GET", "/nowhere", { token: null }), 401);',
      ],
    },
    {
      key: "refuses-to-start-without-tokens",
      given: "no token, or one that is too short",
      when: "the service is started",
      then: "it ends with code 2 and says what to set, without showing the token",
      title: "refuses to start without good tokens",
      body: [
        'const { loadConfig } = await import("../../src/config.ts");',
        "expect(() => loadConfig({})).toThrow(/API_TOKENS/);",
        'expect(() => loadConfig({ API_TOKENS: "short" })).toThrow(/16 characters/);',
        'expect(() => loadConfig({ API_TOKENS: "short" })).not.toThrow(/short/);',
        "const built = await BuiltService.build();",
        "try {",
        '  const { code, errors } = await built.fail({ API_TOKENS: "" });',
        "  expect(code).toBe(2);",
        '  expect(errors).toContain("API_TOKENS");',
        "} finally {",
        "  built.remove();",
        "}",
      ],
    },
    {
      key: "reads-tokens-from-file",
      given: "a file with tokens, one a line",
      when: "API_TOKENS_FILE names it",
      then: "each of them is valid; a file that cannot be read is refused",
      title: "reads tokens from a file",
      body: [
        'const { loadConfig } = await import("../../src/config.ts");',
        'const folder = mkdtempSync(join(tmpdir(), "tokens-"));',
        'const file = join(folder, "tokens");',
        'writeFileSync(file, "first-token-0123456789\\nsecond-token-0123456789\\n");',
        "const { tokens } = loadConfig({ API_TOKENS_FILE: file });",
        'expect(tokens).toEqual(["first-token-0123456789", "second-token-0123456789"]);',
        "rmSync(folder, { recursive: true });",
        "expect(() => loadConfig({ API_TOKENS_FILE: file })).toThrow(/cannot be read/);",
      ],
    },
  ];
}
