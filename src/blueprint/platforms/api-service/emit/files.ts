import type { PlannedFeature, RenderedFile, RenderRequest } from "../../platform.port.ts";
import { namesOf } from "../names.ts";
import type { EntityScope, Scope } from "../scope.ts";
import { scopeOf } from "../scope.ts";
import { acceptanceFile, acceptancePath } from "./acceptance.ts";
import { agentsFile, readmeFile } from "./readme.ts";
import { appFile, testAppFile } from "./app.ts";
import { configFile } from "./config.ts";
import { domainFile } from "./domain.ts";
import { factoriesFile } from "./factories.ts";
import { historyOf, schemaHistorySchema } from "../schema/history.ts";
import type { SchemaHistory } from "../schema/history.ts";
import { migrationsFile } from "./migrations.ts";
import { apiDocument } from "./openapi.ts";
import { repositoryFile } from "./repository.ts";
import { routesFile } from "./routes.ts";

const gitignore = "node_modules/\ndist/\ncoverage/\n/data/\n*.log\n.env\n";

/** Paths of the project that a file imports. */
function importsOf(path: string, text: string): readonly string[] {
  const folder = path.split("/").slice(0, -1);
  return [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)].map((match) => {
    const parts = [...folder];
    for (const part of (match[1] ?? "").split("/")) {
      if (part === "..") parts.pop();
      else if (part !== ".") parts.push(part);
    }
    return parts.join("/");
  });
}

/** The paths that can be reached by imports, with the starts. */
function reachable(
  files: ReadonlyMap<string, string>,
  starts: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [...starts];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const text = files.get(path);
    if (text === undefined || found.has(path)) continue;
    found.add(path);
    pending.push(...importsOf(path, text));
  }
  return found;
}

/** What vitest.config.ts names and nothing imports. */
const testSetUp = "test/support/build-folder.ts";

/** The paths of a project that needs no module of the template that nothing in it imports. */
function neededPaths(files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const paths = [...files.keys()];
  const source = reachable(files, ["src/main.ts"]);
  const isModule = (path: string): boolean => /^(src|test)\//.test(path);
  const tests = paths.filter(
    (path) =>
      path.startsWith("test/acceptance/") ||
      (path.startsWith("test/unit/") &&
        importsOf(path, files.get(path) ?? "").every(
          (target) => !target.startsWith("src/") || source.has(target),
        )),
  );
  const used = reachable(files, ["src/main.ts", testSetUp, ...tests]);
  return new Set(paths.filter((path) => !isModule(path) || used.has(path)));
}

function entityFiles(scope: Scope, own: EntityScope): readonly (readonly [string, string])[] {
  const { file } = namesOf(own.entity);
  return [
    [`src/domain/${file}.ts`, domainFile(own)],
    [`src/storage/${file}-repository.ts`, repositoryFile(scope, own)],
    ...(own.served ? [[`src/http/${file}-routes.ts`, routesFile(scope, own)] as const] : []),
  ];
}

function emitted(
  scope: Scope,
  features: readonly PlannedFeature[],
  history: SchemaHistory,
): ReadonlyMap<string, string> {
  return new Map([
    [".gitignore", gitignore],
    ["README.md", readmeFile(scope)],
    ["AGENTS.md", agentsFile(scope)],
    ["openapi.json", apiDocument(scope)],
    ["src/app.ts", appFile(scope)],
    ["src/config.ts", configFile(scope)],
    ["src/storage/migrations.ts", migrationsFile(history.migrations)],
    ...scope.entities.flatMap((own) => entityFiles(scope, own)),
    ["test/support/app.ts", testAppFile(scope)],
    ...(scope.entities.length === 0
      ? []
      : [["test/support/factories.ts", factoriesFile(scope)] as const]),
    ...features.map(
      (planned) => [acceptancePath(planned), acceptanceFile(scope.model, planned)] as const,
    ),
  ]);
}

/** The project's own name in the two files that hold it. */
function named(path: string, text: string, slug: string): string {
  if (path !== "package.json" && path !== "package-lock.json") return text;
  return text.replaceAll(`"name": "${templateName}"`, `"name": "${slug}"`);
}

/** The name in the template's package.json. */
const templateName = "api-service";

function scopeOfRequest({ model, features }: RenderRequest): Scope {
  return scopeOf(
    model,
    features.map(({ feature }) => feature),
  );
}

const histories = new WeakMap<RenderRequest, SchemaHistory>();

/** The schema's history after a rendering. Throws when what was remembered is no such history. */
export function schemaAfter(request: RenderRequest): SchemaHistory {
  // A request is rendered and then remembered: the history is the same.
  const known = histories.get(request) ?? makeHistory(request);
  histories.set(request, known);
  return known;
}

function makeHistory(request: RenderRequest): SchemaHistory {
  const scope = scopeOfRequest(request);
  if (request.memory === undefined) return historyOf(scope);
  const released = schemaHistorySchema.safeParse(request.memory);
  if (released.success) return historyOf(scope, released.data);
  throw new TypeError("what the project remembers of its database schema cannot be read");
}

/** Every file of the project, sorted by path. */
export function renderFiles(request: RenderRequest): readonly RenderedFile[] {
  const scope = scopeOfRequest(request);
  const files = new Map<string, string>();
  for (const [path, text] of request.template)
    files.set(path, named(path, text, request.model.slug));
  for (const [path, text] of emitted(scope, request.features, schemaAfter(request)))
    files.set(path, text);
  const needed = neededPaths(files);
  return [...files]
    .filter(([path]) => needed.has(path))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => ({ path, text, executable: false }));
}
