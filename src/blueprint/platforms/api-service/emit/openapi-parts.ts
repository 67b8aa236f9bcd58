import type { Json } from "../code/json.ts";
import type { JsonSchema } from "../field-schema.ts";
import { schemaReference } from "../schemas.ts";

export type Part = { readonly [key: string]: Json };

/** Named refusals of the document: status, component name, when it happens. */
const refusals = {
  400: ["BadRequest", "The request is malformed or its query is not valid."],
  401: ["Unauthorized", "The token is missing or wrong."],
  404: ["NotFound", "There is nothing with this id."],
  409: ["Conflict", "The state of the service does not allow it."],
  413: ["ContentTooLarge", "The content is too large."],
  415: ["UnsupportedMediaType", "The media type of the content is not accepted."],
  422: ["UnprocessableContent", "The content breaks a rule; `errors` says which."],
  500: ["InternalError", "The service failed."],
  503: ["ServiceUnavailable", "The service is stopping or cannot work now."],
} as const;

export type RefusalStatus = keyof typeof refusals;

const allStatuses: readonly RefusalStatus[] = [400, 401, 404, 409, 413, 415, 422, 500, 503];

/** `responses` entries for refusals, by reference. */
export function refusalResponses(statuses: readonly RefusalStatus[]): Part {
  return Object.fromEntries(
    allStatuses
      .filter((status) => statuses.includes(status))
      .map((status) => [String(status), { $ref: `#/components/responses/${refusals[status][0]}` }]),
  );
}

/** `components.responses`: the refusals that operations name. */
export function refusalComponents(used: ReadonlySet<RefusalStatus>): Part {
  return Object.fromEntries(
    allStatuses
      .filter((status) => used.has(status))
      .map((status) => [
        refusals[status][0],
        {
          description: refusals[status][1],
          ...(status === 401 && {
            headers: { "WWW-Authenticate": { schema: { type: "string" } } },
          }),
          content: { "application/problem+json": { schema: schemaReference("HttpProblem") } },
        },
      ]),
  );
}

export function jsonContent(schema: JsonSchema): Part {
  return { "application/json": { schema } };
}

export interface OperationSpec {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly method: "get" | "post" | "patch" | "delete";
  readonly path: string;
  readonly parameters?: readonly Part[];
  /** Media type -> schema. */
  readonly body?: { readonly [mediaType: string]: JsonSchema };
  readonly success: { readonly status: 200 | 201 | 204; readonly response: Part };
  readonly refusals: readonly RefusalStatus[];
  readonly access: "open" | "token" | "unrestricted";
}

/** Statuses that any operation with this form can answer, besides its own. */
export function statusesOf(spec: OperationSpec): readonly RefusalStatus[] {
  return [
    ...spec.refusals,
    ...(spec.body === undefined ? [] : ([400, 413, 415, 422] as const)),
    ...(spec.access === "token" ? ([401] as const) : []),
    500,
  ];
}

export function operationPart(spec: OperationSpec): Part {
  const { body } = spec;
  return {
    operationId: spec.operationId,
    summary: spec.summary,
    ...(spec.description !== undefined && { description: spec.description }),
    tags: [spec.tag],
    ...(spec.access === "token" && { security: [{ bearer: [] }] }),
    ...(spec.access === "open" && { security: [] }),
    ...(spec.parameters !== undefined &&
      spec.parameters.length > 0 && { parameters: spec.parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          Object.entries(body).map(([type, schema]) => [type, { schema }]),
        ),
      },
    }),
    responses: {
      [String(spec.success.status)]: spec.success.response,
      ...refusalResponses(statusesOf(spec)),
    },
  };
}
