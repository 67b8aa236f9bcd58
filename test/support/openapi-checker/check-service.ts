import type { ApiDocument, Endpoint, Parameter, Schema } from "./document.ts";
import { dereferenced, endpointsOf } from "./document.ts";
import type { KnownIds } from "./values.ts";
import {
  createValidator,
  invalidValues,
  propertiesOf,
  referencesOf,
  requiredOf,
  validValue,
} from "./values.ts";

export interface CheckProblem {
  readonly operation: string;
  /** What was sent: `content without title`. */
  readonly sent: string;
  readonly finding: string;
}

export interface CheckReport {
  readonly operations: number;
  readonly calls: number;
  readonly problems: readonly CheckProblem[];
  /** Operations that were never brought to succeed. */
  readonly notCovered: readonly string[];
}

interface Call {
  readonly endpoint: Endpoint;
  readonly sent: string;
  /** Statuses that are right; any other is a problem. */
  readonly expected: readonly number[];
  readonly id?: string;
  readonly query?: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly withToken?: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

const unknownId = "00000000-0000-4000-8000-00000000dead";
const callTimeoutMs = 10_000;
/** Ways of referring that are tried for one creation. */
const maxAssignments = 256;
const success = [200, 201, 204];

/**
 * Calls every operation of a running service's own `/openapi.json` with good and bad input and
 * holds each answer against the document. What the service says of itself is all that is known.
 */
export async function checkService(service: {
  readonly baseUrl: string;
  readonly token?: string;
}): Promise<CheckReport> {
  const response = await fetch(`${service.baseUrl}/openapi.json`, {
    signal: AbortSignal.timeout(callTimeoutMs),
  });
  const document = dereferenced(await response.json());
  const checker = new Checker(service, document);
  await checker.run();
  return checker.report();
}

class Checker {
  readonly #service: { readonly baseUrl: string; readonly token?: string };
  readonly #endpoints: readonly Endpoint[];
  readonly #ajv = createValidator();
  readonly #problems: CheckProblem[] = [];
  readonly #covered = new Set<string>();
  /** The newest record of each collection: path -> id. */
  readonly #newest = new Map<string, string>();
  /** Creations whose references were found: path -> the collection that each property refers to. */
  readonly #targets = new Map<string, Assignment>();
  #calls = 0;

  constructor(
    service: { readonly baseUrl: string; readonly token?: string },
    document: ApiDocument,
  ) {
    this.#service = service;
    this.#endpoints = endpointsOf(document);
    if (!document.openapi.startsWith("3.1"))
      this.#problem("document", "openapi", `is ${document.openapi}, not 3.1`);
  }

  report(): CheckReport {
    return {
      operations: this.#endpoints.length,
      calls: this.#calls,
      problems: this.#problems,
      notCovered: this.#endpoints.map(({ id }) => id).filter((id) => !this.#covered.has(id)),
    };
  }

  async run(): Promise<void> {
    // Creating first: the other operations need records.
    const order = (one: Endpoint): number =>
      isCreation(one) ? 0 : one.method === "DELETE" ? 2 : 1;
    const ordered = this.#endpoints.toSorted((a, b) => order(a) - order(b));
    for (const endpoint of ordered.filter(isCreation)) await this.#findTargets(endpoint);
    for (const endpoint of ordered) await this.#check(endpoint);
  }

  async #check(endpoint: Endpoint): Promise<void> {
    await this.#checkSuccess(endpoint);
    await this.#checkToken(endpoint);
    await this.#checkIds(endpoint);
    await this.#checkQuery(endpoint);
    await this.#checkContent(endpoint);
    // Others may have to refer to a record of this collection: one stays.
    if (endpoint.method === "DELETE") await this.#idFor(endpoint);
  }

  async #checkSuccess(endpoint: Endpoint): Promise<void> {
    const id = await this.#idFor(endpoint);
    if (endpoint.path.includes("{id}") && id === undefined) return;
    for (const content of await this.#contents(endpoint)) {
      const call = {
        endpoint,
        sent: `valid ${content.contentType ?? "request"}`,
        ...(id !== undefined && { id }),
        ...content,
      };
      if (id !== undefined && isAction(endpoint)) await this.#act(call, id);
      else await this.#call({ ...call, expected: success });
    }
  }

  /** An action may refuse a record that is in its state already: another action takes it out of it. */
  async #act(call: Omit<Call, "expected">, id: string): Promise<void> {
    const expected = [...success, 409];
    const prefix = call.endpoint.path.slice(0, call.endpoint.path.lastIndexOf("/"));
    const others = this.#endpoints.filter(
      (one) => isAction(one) && one.path.startsWith(`${prefix}/`) && one.id !== call.endpoint.id,
    );
    for (const other of [undefined, ...others]) {
      if (other !== undefined)
        await this.#call({ endpoint: other, sent: "another action before", expected, id });
      const answer = await this.#call({ ...call, expected });
      if (success.includes(answer.status)) return;
    }
  }

  async #checkToken(endpoint: Endpoint): Promise<void> {
    if ((endpoint.operation.security ?? []).length === 0) return;
    await this.#call({
      endpoint,
      sent: "no token",
      expected: [401],
      id: unknownId,
      withToken: false,
      body: "{}",
    });
  }

  async #checkIds(endpoint: Endpoint): Promise<void> {
    if (!endpoint.path.includes("{id}")) return;
    const [content] = await this.#contents(endpoint);
    for (const [sent, id] of [
      ["an unknown id", unknownId],
      ["text that is no id", "no-id"],
    ] as const)
      await this.#call({ endpoint, sent, expected: [404], id, ...content });
  }

  async #checkQuery(endpoint: Endpoint): Promise<void> {
    const parameters = (endpoint.operation.parameters ?? []).filter((one) => one.in === "query");
    if (parameters.length === 0) return;
    for (const parameter of parameters) await this.#checkParameter(endpoint, parameter);
    await this.#call({
      endpoint,
      sent: "an unknown parameter",
      expected: [400],
      query: "no_such_parameter=1",
    });
  }

  async #checkParameter(endpoint: Endpoint, { name, schema }: Parameter): Promise<void> {
    // A cursor is only good when the service gave it.
    const good =
      name === "cursor" ? undefined : (schema["default"] ?? validValue(schema, this.#knownIds()));
    const [value] = Array.isArray(good) ? (good as readonly unknown[]) : [good];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      await this.#call({
        endpoint,
        sent: `${name}=${String(value)}`,
        expected: [200],
        query: `${name}=${encodeURIComponent(String(value))}`,
      });
    const texts = invalidValues(schema).filter(({ value }) => typeof value !== "object");
    for (const { what, value } of texts)
      await this.#call({
        endpoint,
        sent: `${name} ${what}`,
        expected: [400],
        query: `${name}=${encodeURIComponent(String(value))}`,
      });
  }

  async #checkContent(endpoint: Endpoint): Promise<void> {
    const schema = endpoint.operation.requestBody?.content["application/json"]?.schema;
    if (schema === undefined) return;
    const id = await this.#idFor(endpoint);
    const at = id === undefined ? {} : { id };
    const json = { contentType: "application/json" };
    const send = (sent: string, body: string, expected: readonly number[]): Promise<Answer> =>
      this.#call({ endpoint, sent, expected, body, ...at, ...json });
    await send("text that is no JSON", "{", [400]);
    await this.#call({
      endpoint,
      sent: "another media type",
      expected: [415],
      body: "<a/>",
      contentType: "application/xml",
      ...at,
    });
    await send("content of a wrong type", '"text"', [422]);
    if (schema["type"] !== "object") return;
    const valid = validValue(schema, this.#knownIds(endpoint.path)) as Readonly<
      Record<string, unknown>
    >;
    const changed = (change: Readonly<Record<string, unknown>>): string =>
      JSON.stringify({ ...valid, ...change });
    await send("an unknown field", changed({ noSuchField: 1 }), [422]);
    for (const name of requiredOf(schema))
      await send(`content without ${name}`, changed({ [name]: undefined }), [422]);
    for (const [name, property] of Object.entries(propertiesOf(schema)))
      for (const { what, value } of invalidValues(property))
        await send(`${name} ${what}`, changed({ [name]: value }), [422]);
  }

  /** Contents to try for success; one without any for operations that take none. */
  async #contents(
    endpoint: Endpoint,
  ): Promise<readonly { readonly body?: string; readonly contentType?: string }[]> {
    const accepted = Object.entries(endpoint.operation.requestBody?.content ?? {});
    if (accepted.length === 0) return [{}];
    const contents: { body: string; contentType: string }[] = [];
    for (const [contentType, { schema }] of accepted)
      contents.push({ contentType, body: await this.#content(endpoint, contentType, schema) });
    return contents;
  }

  async #content(endpoint: Endpoint, contentType: string, schema: Schema): Promise<string> {
    if (contentType === "text/csv") return this.#exported(endpoint);
    const isList = schema["type"] === "array";
    return JSON.stringify(isList ? [] : validValue(schema, this.#knownIds(endpoint.path)));
  }

  /** What the export beside an import gives; only a header when there is no such export. */
  async #exported(endpoint: Endpoint): Promise<string> {
    const path = endpoint.path.replace(/import$/, "export");
    const source = this.#endpoints.find((one) => one.path === path && one.method === "GET");
    const givesCsv = source?.operation.responses["200"]?.content?.["text/csv"] !== undefined;
    if (source === undefined || !givesCsv) return "id\r\n";
    const formats = source.operation.parameters?.some(({ name }) => name === "format") === true;
    const answer = await this.#call({
      endpoint: source,
      sent: "format=csv",
      expected: [200],
      ...(formats && { query: "format=csv" }),
    });
    return answer.text;
  }

  /** The id of a record that the operation can be called with: a new one. */
  async #idFor(endpoint: Endpoint): Promise<string | undefined> {
    if (!endpoint.path.includes("{id}")) return undefined;
    const collection = endpoint.path.slice(0, endpoint.path.indexOf("/{id}"));
    const creation = this.#endpoints.find((one) => one.path === collection && isCreation(one));
    if (creation === undefined) return undefined;
    const [content] = await this.#contents(creation);
    const { body } = await this.#call({
      endpoint: creation,
      sent: "valid content",
      expected: [201],
      ...content,
    });
    return idOf(body);
  }

  /** Ids to refer to: of the collections that are known to fit, and the newest of all others. */
  #knownIds(path = ""): KnownIds {
    const targets = Object.entries(this.#targets.get(path.split("/{")[0] ?? "") ?? {});
    const own = targets.map(([name, target]) => [name, [this.#newest.get(target) ?? ""]] as const);
    return { ...Object.fromEntries(own), "": [...this.#newest.values()].toReversed() };
  }

  /** The document does not say what a reference refers to: which collections fit is found by trying. */
  async #findTargets(creation: Endpoint): Promise<void> {
    const schema = creation.operation.requestBody?.content["application/json"]?.schema;
    if (schema === undefined) return;
    for (const targets of assignments(referencesOf(schema), [...this.#newest.keys()])) {
      this.#targets.set(creation.path, targets);
      const body = JSON.stringify(validValue(schema, this.#knownIds(creation.path)));
      const expected = [201, 422];
      const call = { endpoint: creation, sent: "references", expected, body };
      if ((await this.#call(call)).status === 201) return;
    }
    this.#targets.delete(creation.path);
  }

  async #call(call: Call): Promise<Answer> {
    this.#calls += 1;
    const answer = await this.#send(call);
    const id = idOf(answer.body);
    if (answer.status === 201 && id !== undefined) this.#newest.set(call.endpoint.path, id);
    if (success.includes(answer.status)) this.#covered.add(call.endpoint.id);
    if (!call.expected.includes(answer.status))
      this.#problem(
        call.endpoint.id,
        call.sent,
        `answered ${String(answer.status)}, not ${call.expected.join(" or ")}: ${answer.text.slice(0, 300)}`,
      );
    return answer;
  }

  async #send({ endpoint, sent, ...call }: Call): Promise<Answer> {
    const { baseUrl, token } = this.#service;
    const path = endpoint.path.replace("{id}", call.id ?? unknownId);
    const content =
      endpoint.method === "GET" || endpoint.method === "DELETE" ? undefined : call.body;
    const response = await fetch(
      `${baseUrl}${path}${call.query === undefined ? "" : `?${call.query}`}`,
      {
        method: endpoint.method,
        headers: {
          ...(content !== undefined && { "content-type": call.contentType ?? "application/json" }),
          ...(token !== undefined &&
            call.withToken !== false && { authorization: `Bearer ${token}` }),
        },
        ...(content !== undefined && { body: content }),
        signal: AbortSignal.timeout(callTimeoutMs),
      },
    );
    const text = await response.text();
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const body: unknown = type.endsWith("json") && text !== "" ? JSON.parse(text) : text;
    this.#validate(endpoint, sent, { status: response.status, type, body });
    return { status: response.status, body, text };
  }

  /** Holds an answer against what the document says of its status and media type. */
  #validate(
    endpoint: Endpoint,
    sent: string,
    answer: { readonly status: number; readonly type: string; readonly body: unknown },
  ): void {
    const documented = endpoint.operation.responses[String(answer.status)];
    if (documented === undefined) {
      this.#problem(
        endpoint.id,
        sent,
        `answered ${String(answer.status)}, which is not documented`,
      );
      return;
    }
    if (documented.content === undefined) return;
    const schema = documented.content[answer.type]?.schema;
    if (schema === undefined)
      this.#problem(endpoint.id, sent, `answered ${answer.type}, which is not documented`);
    else if (!this.#ajv.validate(schema, answer.body))
      this.#problem(endpoint.id, sent, `answered outside the schema: ${this.#ajv.errorsText()}`);
  }

  #problem(operation: string, sent: string, finding: string): void {
    this.#problems.push({ operation, sent, finding });
  }
}

/** Which collection each property refers to. */
type Assignment = Readonly<Record<string, string>>;

/** Every way in which the names can refer to the targets, the first that come to hand; at least one. */
function assignments(names: readonly string[], targets: readonly string[]): readonly Assignment[] {
  const all = names.reduce<readonly Assignment[]>(
    (known, name) =>
      known
        .flatMap((one) => targets.map((target) => ({ ...one, [name]: target })))
        .slice(0, maxAssignments),
    [{}],
  );
  return all.length === 0 ? [{}] : all;
}

/** A POST to a collection that answers with the new record. */
function isCreation({ method, path, operation }: Endpoint): boolean {
  return method === "POST" && !path.includes("{") && "201" in operation.responses;
}

function isAction({ method, path }: Endpoint): boolean {
  return method === "POST" && path.includes("/{id}/");
}

function idOf(body: unknown): string | undefined {
  return typeof body === "object" && body !== null && "id" in body && typeof body.id === "string"
    ? body.id
    : undefined;
}
