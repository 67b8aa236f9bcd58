import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProductModel } from "../../../src/blueprint/model/product-model.ts";
import { apiServicePlatform } from "../../../src/blueprint/platforms/api-service/platform.ts";
import type { JsonValue, RenderRequest } from "../../../src/blueprint/platforms/platform.port.ts";
import { planned } from "./models/parts.ts";

/** `templates/api_service`. */
export const templateFolder = fileURLToPath(
  new URL("../../../templates/api_service", import.meta.url),
);
const built = new Set(["node_modules", "dist", "coverage"]);

/** The fixed files of the platform. */
export function readTemplate(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const read = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (built.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) read(path);
      else
        files.set(relative(templateFolder, path).replaceAll("\\", "/"), readFileSync(path, "utf8"));
    }
  };
  read(templateFolder);
  return files;
}

function requestFor(product: ProductModel, count: number, memory?: JsonValue): RenderRequest {
  const features = planned(apiServicePlatform, product).slice(0, count);
  return { model: product, features, template: readTemplate(), memory };
}

function writeFiles(folder: string, request: RenderRequest): readonly string[] {
  const files = apiServicePlatform.render(request);
  for (const part of ["src", "test"]) rmSync(join(folder, part), { recursive: true, force: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return files.map(({ path }) => path);
}

/** Writes the project with its first `count` stories and removes files that are no part of it. */
export function renderInto(
  folder: string,
  product: ProductModel,
  count: number,
): readonly string[] {
  return writeFiles(folder, requestFor(product, count));
}

/** Writes the whole project over one that was released, and gives what the next rendering must know. */
export function renderAfter(
  folder: string,
  product: ProductModel,
  memory: JsonValue | undefined,
): JsonValue | undefined {
  const request = requestFor(product, product.features.length, memory);
  writeFiles(folder, request);
  return apiServicePlatform.remember?.(request);
}
