import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { FastifyInstance } from "fastify";
import { expect } from "vitest";
import { ApiContract, type Operation } from "../../src/http/contract.ts";
import type { SqlDatabase } from "../../src/storage/database.ts";
import { migrations } from "../../src/storage/migrations.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { createTestApp } from "./app.ts";
import { testToken } from "./token.ts";

/** One for all tests: compiling its schemas is the slow part of starting. */
export const contract = ApiContract.load();

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface RequestOptions {
  readonly body?: unknown;
  /** Sent as it is; wins over `body`. */
  readonly text?: string;
  readonly contentType?: string;
  /** `null` sends no token. */
  readonly token?: string | null;
}

export interface ProblemDocument {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/**
 * A real service on a real port with a database of its own. Every answer to an operation is
 * checked against the API document; a request that no operation describes is an error.
 */
export class TestService {
  readonly database: SqlDatabase;
  readonly lifecycle: { draining: boolean };
  readonly url: string;
  readonly #app: FastifyInstance;

  private constructor(
    app: FastifyInstance,
    database: SqlDatabase,
    lifecycle: { draining: boolean },
  ) {
    this.#app = app;
    this.database = database;
    this.lifecycle = lifecycle;
    this.url = app.listeningOrigin;
  }

  static async start(databaseFile = ":memory:"): Promise<TestService> {
    const database = openDatabase(databaseFile, migrations);
    const lifecycle = { draining: false };
    const app = createTestApp({ database, lifecycle, contract });
    await app.listen({ host: "127.0.0.1", port: 0 });
    return new TestService(app, database, lifecycle);
  }

  async stop(): Promise<void> {
    await this.#app.close();
    this.database.close();
  }

  /** Removes every record, so that one test does not see what another stored. */
  empty(): void {
    const tables = this.database.all(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_migrations'",
    );
    this.database.script("PRAGMA foreign_keys = OFF");
    for (const { name } of tables) this.database.run(`DELETE FROM ${name}`);
    this.database.script("PRAGMA foreign_keys = ON");
  }

  get<Body = unknown>(path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
    return this.#checked("GET", path, options);
  }

  post<Body = unknown>(
    path: string,
    body?: unknown,
    options: RequestOptions = {},
  ): Promise<Answer<Body>> {
    return this.#checked("POST", path, { body, ...options });
  }

  patch<Body = unknown>(
    path: string,
    body: unknown,
    options: RequestOptions = {},
  ): Promise<Answer<Body>> {
    return this.#checked("PATCH", path, { body, ...options });
  }

  delete<Body = unknown>(path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
    return this.#checked("DELETE", path, options);
  }

  /** A request that need not be in the API document. */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer<unknown>> {
    const { body, text, contentType = "application/json", token = testToken } = options;
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(content !== undefined && { "content-type": contentType }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      ...(content !== undefined && { body: content }),
    });
    const received = await response.text();
    const json = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(received) : received,
    };
  }

  async #checked<Body>(
    method: string,
    path: string,
    options: RequestOptions,
  ): Promise<Answer<Body>> {
    const operation = operationOf(method, path);
    const answer = await this.send(method, path, options);
    checkAnswer(operation, answer);
    return answer as Answer<Body>;
  }
}

function operationOf(method: string, path: string): Operation {
  const pathname = path.split("?")[0] ?? "";
  const found = [...contract.operations.values()].filter(
    (operation) =>
      operation.method.toUpperCase() === method &&
      new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname),
  );
  // `/things/export` also has the form of `/things/{id}`: the path without a parameter is meant.
  const operation = found.find(({ path: template }) => !template.includes("{")) ?? found[0];
  if (operation === undefined) throw new Error(`openapi.json does not know ${method} ${pathname}`);
  return operation;
}

const responses = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
addFormats.default(responses);
responses.addSchema(contract.document, "api");

function checkAnswer(operation: Operation, answer: Answer<unknown>): void {
  const documented = operation.definition.responses[String(answer.status)];
  expect(documented, `${operation.id} documents no ${answer.status}`).toBeDefined();
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const schema = schemaOf(documented, type);
  if (schema === undefined) return;
  const valid = responses.validate(schema, answer.body);
  expect(valid ? [] : responses.errors, `${operation.id} ${answer.status}`).toEqual([]);
}

function schemaOf(response: unknown, type: string): object | undefined {
  const resolved = resolve(response) as { content?: Record<string, { schema: object }> };
  const schema = resolved.content?.[type]?.schema;
  return schema === undefined ? undefined : JSON.parse(absolute(JSON.stringify(schema)));
}

function resolve(value: unknown): unknown {
  const reference = (value as { $ref?: string }).$ref;
  if (reference === undefined) return value;
  return reference
    .slice(2)
    .split("/")
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], contract.document);
}

function absolute(schema: string): string {
  return schema.replaceAll('"$ref":"#/', '"$ref":"api#/');
}

/** Checks a refusal: its status, its form and, when given, that it names the field or parameter. */
export function expectProblem(answer: Answer<unknown>, status: number, pointer?: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  const problem = answer.body as ProblemDocument;
  expect(problem.status).toBe(status);
  expect(problem.type).toMatch(/^urn:problem:[a-z-]+$/);
  if (pointer === undefined) return;
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
}
