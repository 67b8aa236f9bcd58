import type { PlannedFeature, RenderedFile, RenderRequest } from "../../platform.port.ts";
import { namesOf } from "../names.ts";
import type { EntityScope, Scope } from "../scope.ts";
import { scopeOf } from "../scope.ts";
import { acceptanceFile, acceptancePath } from "./acceptance.ts";
import { agentsFile, readmeFile } from "./readme.ts";
import { appFile, testAppFile } from "./app.ts";
import { configFile } from "./config.ts";
import { hasDateRules } from "./domain.ts";
import { domainFile } from "./domain.ts";
import { factoriesFile } from "./factories.ts";
import { migrationsFile } from "./migrations.ts";
import { apiDocument } from "./openapi.ts";
import { repositoryFile } from "./repository.ts";
import { routesFile } from "./routes.ts";

const gitignore = "node_modules/\ndist/\ncoverage/\n/data/\n*.log\n.env\n";

/** Template files that only some projects need: path -> when. All others are in every project. */
const conditions: Readonly<Record<string, (scope: Scope, source: string) => boolean>> = {
  "src/http/tokens.ts": (scope) => scope.access !== undefined,
  "src/http/parts.ts": (scope) => scope.entities.some((own) => own.served),
  "src/http/imports.ts": (scope) => scope.entities.some((own) => own.import !== undefined),
  "src/http/exports.ts": (scope) => scope.entities.some((own) => own.export !== undefined),
  "src/http/cursor.ts": (scope) => scope.entities.some((own) => own.list !== undefined),
  "src/http/csv.ts": (scope) =>
    scope.entities.some((own) => own.import !== undefined || own.export !== undefined),
  "src/domain/dates.ts": (scope) => scope.entities.some(hasDateRules),
  "src/domain/fold.ts": needsModule("fold"),
  "src/domain/values.ts": (scope, source) =>
    scope.entities.some(hasDateRules) || source.includes("/values.ts"),
  "src/storage/columns.ts": (scope) => scope.entities.length > 0,
  "src/storage/rows.ts": (scope) => scope.entities.length > 0,
  "src/storage/conditions.ts": needsModule("conditions"),
  "src/storage/counts.ts": needsModule("counts"),
  "src/storage/links.ts": needsModule("links"),
  "src/storage/paging.ts": (scope) => scope.entities.some((own) => own.list !== undefined),
  "src/storage/references.ts": needsModule("references"),
  "src/storage/trees.ts": needsModule("trees"),
  "src/storage/uniqueness.ts": needsModule("uniqueness"),
  "test/support/pages.ts": (scope) => scope.entities.some((own) => own.list !== undefined),
  "test/support/imports.ts": (scope) => scope.entities.some((own) => own.import !== undefined),
  "test/unit/csv.test.ts": (scope) =>
    scope.entities.some((own) => own.import !== undefined || own.export !== undefined),
  "test/unit/fold.test.ts": needsModule("fold"),
  "test/unit/paging.test.ts": (scope) => scope.entities.some((own) => own.list !== undefined),
  "test/unit/trees.test.ts": needsModule("trees"),
};

/** A template module that an emitted file imports. */
function needsModule(name: string): (scope: Scope, source: string) => boolean {
  return (_scope, source) => source.includes(`/${name}.ts"`);
}

function entityFiles(scope: Scope, own: EntityScope): readonly (readonly [string, string])[] {
  const { file } = namesOf(own.entity);
  return [
    [`src/domain/${file}.ts`, domainFile(own)],
    [`src/storage/${file}-repository.ts`, repositoryFile(scope, own)],
    ...(own.served ? [[`src/http/${file}-routes.ts`, routesFile(scope, own)] as const] : []),
  ];
}

function emitted(scope: Scope, features: readonly PlannedFeature[]): ReadonlyMap<string, string> {
  return new Map([
    [".gitignore", gitignore],
    ["README.md", readmeFile(scope)],
    ["AGENTS.md", agentsFile(scope)],
    ["openapi.json", apiDocument(scope)],
    ["src/app.ts", appFile(scope)],
    ["src/config.ts", configFile(scope)],
    ["src/storage/migrations.ts", migrationsFile(scope)],
    ...scope.entities.flatMap((own) => entityFiles(scope, own)),
    ["test/support/app.ts", testAppFile(scope)],
    ...(scope.entities.length === 0
      ? []
      : [["test/support/factories.ts", factoriesFile(scope)] as const]),
    ...features.map(
      (planned) => [acceptancePath(planned), acceptanceFile(scope, planned)] as const,
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

/** Every file of the project, sorted by path. */
export function renderFiles(request: RenderRequest): readonly RenderedFile[] {
  const scope = scopeOf(
    request.model,
    request.features.map(({ feature }) => feature),
  );
  const own = emitted(scope, request.features);
  const source = [...own]
    .flatMap(([path, text]) => (path.startsWith("src/") ? [text] : []))
    .join("\n");
  const files = new Map<string, string>();
  for (const [path, text] of request.template) {
    if (conditions[path]?.(scope, source) === false) continue;
    files.set(path, named(path, text, request.model.slug));
  }
  for (const [path, text] of own) files.set(path, text);
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => ({ path, text, executable: false }));
}
