import { describe, expect, it } from "vitest";
import { bookmarksModel } from "../../../../test/system/api-service/models/bookmarks.ts";
import { everythingModel } from "../../../../test/system/api-service/models/everything.ts";
import {
  entity,
  features,
  field,
  model,
  plainText,
  planned,
} from "../../../../test/system/api-service/models/parts.ts";
import { readTemplate } from "../../../../test/system/api-service/render-project.ts";
import type { Feature, ProductModel } from "../../model/product-model.ts";
import { apiServicePlatform } from "./platform.ts";

const template = readTemplate();

function rendered(product: ProductModel, stories: number): ReadonlyMap<string, string> {
  const request = {
    model: product,
    features: planned(apiServicePlatform, product).slice(0, stories),
    template,
  };
  return new Map(apiServicePlatform.render(request).map(({ path, text }) => [path, text]));
}

describe("api_service platform", () => {
  it("gives equal files for equal requests", () => {
    expect([...rendered(bookmarksModel, 21)]).toEqual([...rendered(bookmarksModel, 21)]);
  });

  it("keeps in its template what it renders for a product without entities", () => {
    const sample = model("Service", {
      entities: [],
      access: { kind: "open" },
      features: features([{ kind: "service" }]),
    });
    const files = rendered({ ...sample, summary: "A service without entities." }, 1);
    for (const path of [
      "openapi.json",
      "src/app.ts",
      "src/config.ts",
      "src/storage/migrations.ts",
      "test/support/app.ts",
    ])
      expect(template.get(path), path).toBe(files.get(path));
  });

  it.each([bookmarksModel, everythingModel])(
    "has one test for each criterion, named by its id",
    (product) => {
      const all = planned(apiServicePlatform, product);
      const files = rendered(product, all.length);
      for (const one of all) {
        const request = { model: product, features: all, template };
        const [path = ""] = apiServicePlatform.acceptanceTests(request, one.storyId);
        const text = files.get(path) ?? "";
        expect(one.criteria.length, one.feature.id).toBeGreaterThan(0);
        expect(new Set(one.criteria.map(({ key }) => key)).size).toBe(one.criteria.length);
        for (const { id } of one.criteria) expect(text.split(`"${id} `), id).toHaveLength(2);
        expect(text.match(/\bit\(/g)).toHaveLength(one.criteria.length);
      }
    },
  );

  it("never changes a migration or an acceptance test of an earlier story", () => {
    const count = bookmarksModel.features.length;
    const whole = rendered(bookmarksModel, count);
    const migrations = whole.get("src/storage/migrations.ts") ?? "";
    for (let stories = 1; stories < count; stories += 1) {
      const files = rendered(bookmarksModel, stories);
      for (const [path, text] of files)
        if (path.startsWith("test/acceptance/")) expect(whole.get(path), path).toBe(text);
      const steps = (files.get("src/storage/migrations.ts") ?? "").match(/id: "\d+-[^"]+"/g) ?? [];
      for (const step of steps) expect(migrations).toContain(step);
    }
  });

  it("renders what the features so far need and no more", () => {
    expect(rendered(bookmarksModel, 1).has("src/http/tokens.ts")).toBe(false);
    expect(rendered(bookmarksModel, 2).has("src/http/tokens.ts")).toBe(true);
    expect(rendered(bookmarksModel, 4).has("src/storage/paging.ts")).toBe(false);
    expect(rendered(bookmarksModel, 5).has("src/storage/paging.ts")).toBe(true);
    expect(rendered(bookmarksModel, 5).has("src/domain/bookmark.ts")).toBe(false);
    expect(rendered(bookmarksModel, 17).has("src/http/csv.ts")).toBe(false);
  });

  it("keeps words of the document out of code", () => {
    const hostile = "*/ process.exit(1) /* `${x}` \\ \" ' \n <script>";
    const thing = entity(
      "Thing",
      [
        field("name", plainText, { required: true, label: hostile, description: hostile }),
        field("kind", { kind: "choice", values: ["a`${b}", "c'd\\", 'e"f'] }),
      ],
      { description: hostile, singular: "thing`", plural: "things${x}" },
    );
    const product = model(hostile, {
      entities: [thing],
      access: { kind: "open" },
      features: features([
        { kind: "service" },
        { kind: "create", entity: "Thing", title: hostile },
      ]),
    });
    const files = rendered({ ...product, slug: "things", summary: hostile }, 2);
    expect(() => JSON.parse(files.get("openapi.json") ?? "") as unknown).not.toThrow();
    expect(files.get("src/domain/thing.ts")).not.toContain("*/ process");
    expect(files.get("README.md")).not.toContain("<script>");
    expect(files.get("src/storage/migrations.ts")).toContain("'a\\`\\${b}'");
  });

  it.each([
    ["an unknown entity", { kind: "create", entity: "Nobody" }],
    ["sorting by a list", sortBy("tags")],
    ["sorting by an unknown field", sortBy("nothing")],
    ["searching a number", { kind: "search", entity: "Bookmark", fields: ["rating"] }],
    [
      "a range of texts",
      { kind: "filter", entity: "Bookmark", filters: [{ field: "title", operator: "minimum" }] },
    ],
  ] as const)("refuses %s", (_, one) => {
    const [feature] = features([one]);
    if (feature === undefined) throw new Error("no feature");
    expect(apiServicePlatform.refusal(feature, bookmarksModel)).toBeTypeOf("string");
  });

  it("refuses nothing of products that it can build", () => {
    for (const product of [bookmarksModel, everythingModel])
      for (const feature of product.features)
        expect(apiServicePlatform.refusal(feature, product), feature.id).toBeUndefined();
  });
});

function sortBy(
  name: string,
): Pick<Extract<Feature, { kind: "sort" }>, "kind" | "entity" | "fields" | "default"> {
  return {
    kind: "sort",
    entity: "Bookmark",
    fields: [name],
    default: { field: name, direction: "ascending" },
  };
}
