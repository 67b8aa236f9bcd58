/** A JSON Schema, or a part of one. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface ResponseObject {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** One operation with its place in the document. */
export interface Endpoint {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function endpointsOf(document: ApiDocument): readonly Endpoint[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

/** The value with every reference inside the document put in its place; fails on one that leads nowhere. */
export function dereferenced(document: unknown): ApiDocument {
  const resolve = (value: unknown, depth: number): unknown => {
    if (depth > 60) throw new Error("the document refers to itself");
    if (Array.isArray(value)) return value.map((one) => resolve(one, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    if ("$ref" in value && typeof value.$ref === "string")
      return resolve(at(document, value.$ref), depth + 1);
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, resolve(member, depth + 1)]),
    );
  };
  return resolve(document, 0) as ApiDocument;
}

function at(document: unknown, reference: string): unknown {
  if (!reference.startsWith("#/")) throw new Error(`${reference} leads out of the document`);
  const found = reference
    .slice(2)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      document,
    );
  if (found === undefined) throw new Error(`${reference} leads nowhere`);
  return found;
}
