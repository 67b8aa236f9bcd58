import { formatJson } from "../code/json.ts";
import { lineWidth } from "../code/typescript.ts";
import { entitySchemas, faultSchema, problemSchema } from "../schemas.ts";
import type { Scope } from "../scope.ts";
import { entityOperations, tagTitle } from "./openapi-operations.ts";
import { serviceOperations } from "./service-operations.ts";
import type { OperationSpec, Part, RefusalStatus } from "./openapi-parts.ts";
import { operationPart, refusalComponents, statusesOf } from "./openapi-parts.ts";

/** Every operation of the project so far, in the order of the document. */
export function operationsOf(scope: Scope): readonly OperationSpec[] {
  return [
    ...scope.entities.flatMap((own) => entityOperations(scope, own)),
    ...serviceOperations(scope),
  ];
}

function pathsOf(operations: readonly OperationSpec[]): Part {
  const paths = new Map<string, Part>();
  for (const spec of operations)
    paths.set(spec.path, { ...paths.get(spec.path), [spec.method]: operationPart(spec) });
  return Object.fromEntries(paths);
}

function tagsOf(scope: Scope): readonly Part[] {
  return [
    ...scope.entities
      .filter((own) => own.served)
      .map((own) => ({
        name: own.entity.plural,
        description: own.entity.description === "" ? `${tagTitle(own)}.` : own.entity.description,
      })),
    { name: "operations", description: "For those who run the service." },
  ];
}

/** `openapi.json`: what the service serves, validates with and is tested against. */
export function apiDocument(scope: Scope): string {
  const operations = operationsOf(scope);
  const used = new Set<RefusalStatus>(operations.flatMap(statusesOf));
  const { model } = scope;
  const document: Part = {
    openapi: "3.1.0",
    info: {
      title: model.title,
      version: "0.1.0",
      ...(model.summary !== "" && { description: model.summary }),
    },
    servers: [{ url: "/" }],
    tags: tagsOf(scope),
    paths: pathsOf(operations),
    components: {
      schemas: {
        ...Object.fromEntries(scope.entities.flatMap((own) => Object.entries(entitySchemas(own)))),
        HttpFault: faultSchema,
        HttpProblem: problemSchema,
      },
      responses: refusalComponents(used),
      ...(scope.access !== undefined && {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "One of the service's tokens." },
        },
      }),
    },
  };
  return formatJson(document, lineWidth);
}
