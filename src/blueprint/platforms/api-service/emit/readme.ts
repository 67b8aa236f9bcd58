import { exampleInput, exampleValue } from "../schemas.ts";
import { writableFields } from "../scope.ts";
import type { EntityScope, Scope } from "../scope.ts";
import type { OperationSpec } from "./openapi-parts.ts";
import { operationsOf } from "./openapi.ts";

const base = "http://127.0.0.1:8080";
const exampleToken = "change-me-0123456789";

/** One line of Markdown text: no marks that would change the page around it. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_{}[\]<>#|]/g, "\\$&")
    .trim();
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(scope: Scope, spec: OperationSpec): string {
  const own = scope.entities.find((one) => one.entity.plural === spec.tag);
  const parts = ["curl"];
  if (spec.method !== "get") parts.push(`-X ${spec.method.toUpperCase()}`);
  if (spec.access === "token") parts.push('-H "authorization: Bearer $TOKEN"');
  if (spec.body !== undefined && own !== undefined) parts.push(...content(own, spec));
  const isExport = spec.path.endsWith("/export") && own !== undefined && hasCsvExport(own);
  // What the export example writes is what the import example reads.
  if (isExport) parts.push(`-o ${own.entity.collection}.csv`);
  parts.push(isExport ? `"${base}${spec.path}${formatQuery(own)}"` : shellSafe(base + spec.path));
  const isPiped = own !== undefined && parts.includes("--data-binary @-");
  return `${isPiped ? csvExample(own) : ""}${parts.join(" ")}`;
}

function formatQuery(own: EntityScope): string {
  return own.export !== undefined && own.export.formats.length > 1 ? "?format=csv" : "";
}

function shellSafe(url: string): string {
  return url.includes("{id}") ? `"${url.replace("{id}", "$ID")}"` : url;
}

function content(own: EntityScope, spec: OperationSpec): readonly string[] {
  if (spec.operationId.startsWith("import")) return imported(own, spec);
  if (spec.method === "patch") {
    const [first] = writableFields(own.entity);
    const change = first === undefined ? {} : { [first.name]: exampleValue(first) };
    return ["-H 'content-type: application/json'", `-d ${shellQuoted(JSON.stringify(change))}`];
  }
  return [
    "-H 'content-type: application/json'",
    `-d ${shellQuoted(JSON.stringify(exampleInput(own.entity)))}`,
  ];
}

function hasCsvExport(own: EntityScope): boolean {
  return own.export?.formats.includes("csv") === true;
}

/** What was exported when there is such a thing, or one record of its own. */
function imported(own: EntityScope, spec: OperationSpec): readonly string[] {
  const takesCsv = spec.body?.["text/csv"] !== undefined;
  if (takesCsv && hasCsvExport(own))
    return ["-H 'content-type: text/csv'", `--data-binary @${own.entity.collection}.csv`];
  const example = exampleInput(own.entity);
  if (spec.body?.["application/json"] !== undefined)
    return ["-H 'content-type: application/json'", `-d ${shellQuoted(JSON.stringify([example]))}`];
  return ["-H 'content-type: text/csv'", "--data-binary @-"];
}

/** The lines of a CSV file with one record, for a shell to print. */
function csvExample(own: EntityScope): string {
  const given = Object.entries(exampleInput(own.entity)).filter(([, value]) => value !== null);
  const cell = (value: unknown): string =>
    `"${(Array.isArray(value) ? value.join(";") : String(value)).replaceAll('"', '""')}"`;
  const head = given.map(([name]) => name).join(",");
  const row = given.map(([, value]) => cell(value)).join(",");
  return `printf '%s\\r\\n' ${shellQuoted(head)} ${shellQuoted(row)} | `;
}

function settings(scope: Scope): readonly string[] {
  const rows: readonly (readonly [string, string, string])[] = [
    ["HOST", "`127.0.0.1`", "Address to listen on"],
    ["PORT", "`8080`", "Port to listen on"],
    ["DATABASE_FILE", "`data/service.db`", "SQLite database; its folder is created"],
    ["LOG_LEVEL", "`info`", "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`"],
    ["DRAIN_DELAY_MS", "`500`", "How long `/readyz` fails before connections are refused"],
    ["DRAIN_DEADLINE_MS", "`10000`", "How long requests under way may take after that"],
    ...(scope.access === undefined
      ? []
      : ([
          ["API_TOKENS", "none", "Tokens, between commas; at least 16 characters each"],
          ["API_TOKENS_FILE", "none", "A file with tokens, one a line; wins over `API_TOKENS`"],
        ] as const)),
  ];
  return [
    "| Variable | Default | Meaning |",
    "| --- | --- | --- |",
    ...rows.map(([name, value, meaning]) => `| \`${name}\` | ${value} | ${meaning} |`),
  ];
}

function endpoints(scope: Scope): readonly string[] {
  return operationsOf(scope).flatMap((spec) => [
    `### ${spec.method.toUpperCase()} ${spec.path}`,
    "",
    plain(spec.summary),
    "",
    "```sh",
    curl(scope, spec),
    "```",
    "",
  ]);
}

function rules(scope: Scope): readonly string[] {
  const served = scope.entities.filter((own) => own.served);
  if (served.length === 0) return [];
  const lists = served.some((own) => own.list !== undefined);
  return [
    "## Rules of the API",
    "",
    "- Refusals are problem documents (RFC 9457, `application/problem+json`); `errors` names the fields.",
    "- Fields that the API document does not know are refused, in content (422) and in queries (400).",
    ...(lists
      ? ["- Lists come in pages: send `nextCursor` of a page as `cursor` to get the next one."]
      : []),
    ...(scope.access === undefined
      ? []
      : ["- Send `authorization: Bearer <token>`; the examples read the token from `$TOKEN`."]),
    "- `$ID` in the examples is the `id` of a record.",
    "",
  ];
}

/** `README.md`. */
export function readmeFile(scope: Scope): string {
  const { model } = scope;
  const tokens = scope.access !== undefined;
  return `${[
    `# ${plain(model.title)}`,
    "",
    model.summary === "" ? "An HTTP service with a JSON API." : plain(model.summary),
    "",
    "## Start",
    "",
    "Needs Node.js 20.19 or newer.",
    "",
    "```sh",
    "npm ci --ignore-scripts",
    "npm run build",
    ...(tokens ? [`export TOKEN=${exampleToken}`, 'API_TOKENS="$TOKEN" npm start'] : ["npm start"]),
    "```",
    "",
    `The service listens on ${base}. Its API is described by [openapi.json](openapi.json), which it also serves.`,
    "",
    "As a container:",
    "",
    "```sh",
    `podman build -t ${model.slug} .`,
    `podman run -p 8080:8080 -v ${model.slug}-data:/data${tokens ? ' -e API_TOKENS="$TOKEN"' : ""} ${model.slug}`,
    "```",
    "",
    "## Settings",
    "",
    ...settings(scope),
    "",
    ...rules(scope),
    "## Endpoints",
    "",
    ...endpoints(scope),
    "## Work on it",
    "",
    "| Command | What it does |",
    "| --- | --- |",
    "| `npm run dev` | builds, then runs and restarts on changes of the build |",
    "| `npm run lint` | format and lint |",
    "| `npm run format` | formats |",
    "| `npm run types` | checks types |",
    "| `npm test` | runs the tests |",
    "| `npm run build` | compiles to `dist/` |",
    "",
    "[AGENTS.md](AGENTS.md) says how the code is laid out.",
  ].join("\n")}\n`;
}

/** `AGENTS.md`: what somebody who changes the code must know. */
export function agentsFile(scope: Scope): string {
  const entities = scope.entities.map(({ entity }) => plain(entity.plural)).join(", ");
  return `${[
    `# Working on ${plain(scope.model.title)}`,
    "",
    "## Layout",
    "",
    "| Place | What is there |",
    "| --- | --- |",
    "| `openapi.json` | the API: served, validated with and tested against; change it first |",
    "| `src/http` | routes, problem documents, validation; knows domain and storage |",
    `| \`src/domain\` | records and their rules${entities === "" ? "" : `: ${entities}`}; knows nothing else |`,
    "| `src/storage` | SQLite: migrations and one repository an entity; knows domain |",
    "| `src/app.ts` | puts the service together |",
    "| `src/main.ts` | settings, signals, exit code |",
    "| `test/acceptance` | one file a story; every test is named by its criterion |",
    "",
    "## Rules",
    "",
    "- `npm run lint`, `npm run types` and `npm test` are green before a change is handed over.",
    "- A migration that was released is never changed: add one at the end of `src/storage/migrations.ts`.",
    "- SQL gets values by `?` only. Table and column names come from the code, never from a request.",
    "- A test checks every answer against `openapi.json`: an undocumented status or member fails it.",
    "- No secret is logged; tokens are compared as digests, in constant time.",
  ].join("\n")}\n`;
}
