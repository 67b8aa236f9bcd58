import type { Entity } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { factoryNames, inputCall } from "../emit/factories.ts";
import type { EntityNames } from "../names.ts";
import { namesOf, withArticle } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { entityNameOf, entityOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";

/** What checks of one entity keep naming. */
export interface Subject extends EntityNames {
  readonly entity: Entity;
  readonly own: EntityScope;
  /** `bookmark` */
  readonly noun: string;
  /** `a bookmark` */
  readonly one: string;
  /** `/bookmarks` */
  readonly path: string;
  /** Code: content of a create request. */
  readonly content: string;
  readonly store: string;
  readonly sample: string;
}

export function subjectOf({ model, scope, feature }: CheckContext): Subject {
  const entity = entityOf(model, entityNameOf(feature) ?? "");
  const own = scope.entities.find((candidate) => candidate.entity.name === entity.name);
  if (own === undefined) throw new TypeError(`${entity.name} is not in scope`);
  const factories = factoryNames(entity);
  return {
    ...namesOf(entity),
    entity,
    own,
    noun: entity.singular,
    one: withArticle(entity.singular),
    path: `/${entity.collection}`,
    content: inputCall(entity),
    store: factories.store,
    sample: factories.sample,
  };
}

/** Code of the path of a record that the code `record` names. */
export function recordPath(subject: Subject, record: string, tail = ""): string {
  return `\`${subject.path}/\${${record}.id}${tail}\``;
}

export const unknownId = "00000000-0000-4000-8000-000000000000";

/** The check that an operation wants a token; none when it is open. */
export function tokenCheck(
  { model }: CheckContext,
  operation: {
    readonly reads: boolean;
    /** What the operation does: `list bookmarks`. */
    readonly does: string;
    readonly before?: readonly Doc[];
    /** Code of the call, with OPTIONS where its options stand. */
    readonly call: string;
    readonly success: number;
  },
): readonly Check[] {
  const { access } = model;
  if (access.kind === "open" || (operation.reads && access.publicReads)) return [];
  const refused = (token: string): string =>
    `await ${operation.call.replace("OPTIONS", `{ token: ${token} }`)}`;
  return [
    {
      key: "needs-token",
      given: "the service is used with tokens",
      when: `somebody without a valid token tries to ${operation.does}`,
      then: "the answer is 401 with `WWW-Authenticate`, and with a valid token it is done",
      title: `lets nobody ${operation.does} without a token`,
      body: [
        ...(operation.before ?? []),
        `const refused = ${refused("null")};`,
        "expectProblem(refused, 401);",
        'expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer/);',
        `const wrong = ${refused('"wrong-token-0123456789"')};`,
        "expectProblem(wrong, 401);",
        `const answer = ${refused("testToken")};`,
        `expect(answer.status).toBe(${operation.success});`,
      ],
    },
  ];
}

/** Checks that an operation on one record refuses ids that nothing has. */
export function missingCheck(
  subject: Subject,
  operation: {
    readonly method: "get" | "patch" | "delete" | "post";
    readonly tail?: string;
    readonly body?: string;
  },
): Check {
  const { method, tail = "", body } = operation;
  const content = body === undefined ? "" : `, ${body}`;
  const call = (id: string): string =>
    `await service.${method}("${subject.path}/${id}${tail}"${content})`;
  return {
    key: "refuses-unknown-id",
    given: `there is no ${subject.noun} with an id`,
    when: "the id is used, or text that is no id",
    then: "the answer is 404 with a problem document",
    title: "answers 404 to an id that nothing has",
    body: [`expectProblem(${call(unknownId)}, 404);`, `expectProblem(${call("not-an-id")}, 404);`],
  };
}
