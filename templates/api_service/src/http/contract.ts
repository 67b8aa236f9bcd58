import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiDocument, OperationObject, ParameterObject } from "./openapi.ts";
import { HttpProblem } from "./problem.ts";
import { faultsOf } from "./validation.ts";

/** What a handler gets: the parts of a request, validated against the API document. */
export interface OperationInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** As in the document: `/bookmarks/{id}`. */
  readonly path: string;
  readonly definition: OperationObject;
}

/** Ajv resolves `#/components/...` inside the document under this name. */
const documentName = "api";
const limits = { strict: false, validateSchema: false, allErrors: true } as const;

function pointerTo(operation: Operation): string {
  return `/paths/${operation.path.replaceAll("~", "~0").replaceAll("/", "~1")}/${operation.method}`;
}

/**
 * The API document, and the only place that routes and validation come from: an operation that is
 * not in it cannot be served, and a served one is validated as it says.
 */
export class ApiContract {
  readonly document: ApiDocument;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly #bodies = new Ajv2020(limits);
  // Parameters arrive as text; only they are converted.
  readonly #parameters = new Ajv2020({ ...limits, coerceTypes: "array", useDefaults: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.document = document;
    this.operations = new Map(
      Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, definition]) => [
          definition.operationId,
          { id: definition.operationId, method, path, definition },
        ]),
      ),
    );
    for (const ajv of [this.#bodies, this.#parameters]) {
      addFormats.default(ajv);
      ajv.addSchema(document, documentName);
    }
  }

  /** Reads `openapi.json` from the project's root. */
  static load(): ApiContract {
    const text = readFileSync(new URL("../../openapi.json", import.meta.url), "utf8");
    return new ApiContract(JSON.parse(text));
  }

  /** Serves an operation of the document. `Input` must be what its schemas describe. */
  handle<Input extends Partial<OperationInput>>(
    app: FastifyInstance,
    operationId: string,
    handler: (input: Input, reply: FastifyReply) => unknown,
    options: { readonly bodyLimit?: number } = {},
  ): void {
    const operation = this.operations.get(operationId);
    if (operation === undefined) throw new Error(`openapi.json has no operation ${operationId}`);
    app.route({
      method: operation.method.toUpperCase(),
      url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      ...options,
      // Validated just now: this is where checked data gets its type.
      handler: async (request, reply) => handler(this.#read(operation, request) as Input, reply),
    });
  }

  /** A value checked against a named schema of the document; throws a problem that names its faults. */
  checked<Value>(schemaName: string, value: unknown): Value {
    const at = `${documentName}#/components/schemas/${schemaName}`;
    const validate = this.#validator(at, this.#bodies, { $ref: at });
    if (validate(value)) return value as Value;
    const faults = faultsOf(validate.errors ?? [], "pointer");
    throw new HttpProblem(422, "invalid-content", "The content is not valid.", { faults });
  }

  /** Methods that the document knows for a path as a client sent it; empty for an unknown path. */
  methodsOf(pathname: string): readonly string[] {
    const segments = pathname.split("/");
    return [...this.operations.values()]
      .filter((operation) => matches(operation.path.split("/"), segments))
      .map((operation) => operation.method.toUpperCase());
  }

  #read(operation: Operation, request: FastifyRequest): OperationInput {
    this.#readParams(operation, request.params);
    const query = this.#readQuery(operation, request.query);
    const body = this.#readBody(operation, request);
    return { params: request.params, query, body };
  }

  #readParams(operation: Operation, params: unknown): void {
    const validate = this.#parametersValidator(operation, "path");
    if (!validate(params))
      throw new HttpProblem(404, "not-found", "There is nothing with an id of this form.");
  }

  #readQuery(operation: Operation, sent: unknown): unknown {
    const query = { ...(sent as Record<string, unknown>) };
    const validate = this.#parametersValidator(operation, "query");
    if (validate(query)) return query;
    const faults = faultsOf(validate.errors ?? [], "parameter");
    throw new HttpProblem(400, "invalid-query", "The query is not valid.", { faults });
  }

  #readBody(operation: Operation, request: FastifyRequest): unknown {
    const accepted = operation.definition.requestBody?.content;
    if (accepted === undefined) return undefined;
    const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (!Object.hasOwn(accepted, type)) {
      const list = Object.keys(accepted).join(", ");
      throw new HttpProblem(415, "unsupported-media-type", `Send one of: ${list}.`);
    }
    const at = `${pointerTo(operation)}/requestBody/content/${type.replaceAll("/", "~1")}/schema`;
    const validate = this.#validator(at, this.#bodies, { $ref: `${documentName}#${at}` });
    if (validate(request.body)) return request.body;
    const faults = faultsOf(validate.errors ?? [], "pointer");
    throw new HttpProblem(422, "invalid-content", "The content is not valid.", { faults });
  }

  #parametersValidator(operation: Operation, place: "path" | "query"): ValidateFunction {
    const parameters = (operation.definition.parameters ?? [])
      .map((parameter) => this.#resolved(parameter))
      .filter((parameter) => parameter.in === place);
    return this.#validator(`${operation.id} ${place}`, this.#parameters, {
      type: "object",
      properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
      required: parameters.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
    });
  }

  #resolved(parameter: ParameterObject | { readonly $ref: string }): ParameterObject {
    if (!("$ref" in parameter)) return parameter;
    const found = this.document.components?.parameters?.[parameter.$ref.split("/").at(-1) ?? ""];
    if (found === undefined) throw new Error(`openapi.json has no ${parameter.$ref}`);
    return found;
  }

  #validator(key: string, ajv: Ajv2020, schema: object): ValidateFunction {
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const compiled = ajv.compile(schema);
    this.#validators.set(key, compiled);
    return compiled;
  }
}

function matches(template: readonly string[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => part.startsWith("{") || part === segments[index])
  );
}
