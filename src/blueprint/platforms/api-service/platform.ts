import type { Feature, ProductModel } from "../../model/product-model.ts";
import type { BlueprintPlatform } from "../platform.port.ts";
import { checksOf } from "./checks/checks.ts";
import { acceptancePath } from "./emit/acceptance.ts";
import { renderFiles, schemaAfter } from "./emit/files.ts";
import { proofOf } from "./proofs.ts";
import { refusalOf } from "./refusals.ts";
import { targetOf } from "./scope.ts";

/** HTTP services with a JSON API, on Fastify and SQLite. */
export const apiServicePlatform: BlueprintPlatform = {
  id: "api_service",
  title: "HTTP service with a JSON API",
  components: [
    { name: "API document", role: "OpenAPI 3.1: served, validated with and tested against" },
    { name: "HTTP layer", role: "routes, validation, problem documents, access, metrics" },
    { name: "Domain", role: "records, their defaults and the rules that no schema can hold" },
    { name: "Storage", role: "SQLite with a list of migrations and a repository for each entity" },
    {
      name: "Process",
      role: "settings from the environment, draining on SIGTERM, structured logs",
    },
  ],
  startCommands: (model) => [
    "npm ci --ignore-scripts",
    "npm run build",
    model.access.kind === "token" ? "API_TOKENS=change-me-0123456789 npm start" : "npm start",
  ],
  stack: [
    { choice: "TypeScript on Node.js >= 20.19", why: "one language, checked types, long support" },
    { choice: "Fastify 5", why: "small, fast, maintained, stops gracefully" },
    { choice: "ajv", why: "validates with the API document itself, so both cannot differ" },
    {
      choice: "SQLite by libsql",
      why: "no server to run, transactions, prebuilt for every system",
    },
    { choice: "prom-client", why: "the metrics format that monitoring reads" },
    { choice: "vitest and Biome", why: "tests, lint and format in seconds" },
  ],
  refusal: refusalOf,
  proof: proofOf,
  criteria: (feature, model) =>
    checksOf(feature, model).map(({ key, given, when, then }) => ({ key, given, when, then })),
  render: renderFiles,
  remember: schemaAfter,
  needs: neededFeatures,
  acceptanceTests: (request, storyId) =>
    request.features.filter((planned) => planned.storyId === storyId).map(acceptancePath),
};

/**
 * The code of a search, filter or order is part of the list's; whoever asks for tokens needs them;
 * tests of a record make those that it refers to, as its service does.
 */
function neededFeatures(feature: Feature, model: ProductModel): readonly string[] {
  if (feature.kind === "service" || feature.kind === "access") return [];
  const { entity } = feature;
  const inList = ["search", "filter", "sort"].includes(feature.kind);
  const fields = model.entities.find(({ name }) => name === entity)?.fields ?? [];
  const targets = fields.map(targetOf).filter((name) => name !== undefined && name !== entity);
  const isNeeded = (one: Feature): boolean =>
    one.kind === "access" ||
    (inList && one.kind === "list" && one.entity === entity) ||
    (one.kind === "create" && targets.includes(one.entity));
  return model.features.filter(isNeeded).map(({ id }) => id);
}
