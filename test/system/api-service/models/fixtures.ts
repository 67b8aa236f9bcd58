import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { apiServicePlatform } from "../../../../src/blueprint/platforms/api-service/platform.ts";
import type { ProductModel } from "../../../../src/blueprint/model/product-model.ts";
import { readProduct } from "../../../../src/blueprint/read/read-product.ts";
import { readDocument } from "../../../../src/delivery/requirements/read-document.ts";

const folder = fileURLToPath(new URL("../../../fixtures/requirements", import.meta.url));

/** Names of the requirements that come in variants. */
export const fixtureNames = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .map((name) => name.slice(0, -".md".length));

/** What is read from requirements, with the features that the platform can build. */
export function modelFrom(text: string): ProductModel {
  const model = readProduct(
    readDocument({ source: "requirements.md", bytes: new TextEncoder().encode(text) }),
  );
  const features = model.features.filter(
    (feature) => apiServicePlatform.refusal(feature, model) === undefined,
  );
  return { ...model, features };
}

export function fixtureModel(name: string): ProductModel {
  return modelFrom(readFileSync(join(folder, `${name}.md`), "utf8"));
}

/** `examples/bookmarks.md`. */
export function exampleText(): string {
  return readFileSync(
    fileURLToPath(new URL("../../../../examples/bookmarks.md", import.meta.url)),
    "utf8",
  );
}
