import type {
  Entity,
  Feature,
  Field,
  FieldType,
  ProductModel,
} from "../../../../src/blueprint/model/product-model.ts";
import type {
  BlueprintPlatform,
  PlannedFeature,
} from "../../../../src/blueprint/platforms/platform.port.ts";

export const plainText: Extract<FieldType, { readonly kind: "text" }> = {
  kind: "text",
  minLength: undefined,
  maxLength: undefined,
  format: "plain",
  multiline: false,
};

/** A field with what most fields have; `name` in camelCase. */
export function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  const column = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return {
    name,
    column,
    label: column.replaceAll("_", " ").replace(/ ids?$/, ""),
    description: "",
    type,
    required: false,
    unique: "no",
    default: undefined,
    readOnly: false,
    sentences: [],
    ...more,
  };
}

/** An entity from its PascalCase name and a regular plural. */
export function entity(name: string, fields: readonly Field[], more: Partial<Entity> = {}): Entity {
  const singular = name.replaceAll(/(?<=.)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return {
    name,
    variable: name.charAt(0).toLowerCase() + name.slice(1),
    collection: `${singular.replaceAll(" ", "-")}s`,
    table: `${singular.replaceAll(" ", "_")}s`,
    singular,
    plural: `${singular}s`,
    description: "",
    fields,
    uniqueTogether: [],
    sentences: [],
    ...more,
  };
}

type WithoutBase<One> = One extends Feature
  ? Omit<One, "id" | "title" | "actor" | "benefit" | "dependsOn" | "sentences" | "priority"> &
      Partial<Pick<One, "id" | "title">>
  : never;

function idOf(one: WithoutBase<Feature>): string {
  if (!("entity" in one)) return one.kind;
  const tail =
    one.kind === "action" ? `.${one.action}` : one.kind === "count" ? `.${one.field}` : "";
  return `${one.entity.toLowerCase()}.${one.kind}${tail}`;
}

export function features(list: readonly WithoutBase<Feature>[]): readonly Feature[] {
  return list.map((one) => ({
    id: idOf(one),
    title: idOf(one).replaceAll(".", " "),
    actor: "user",
    benefit: "",
    dependsOn: [],
    sentences: [],
    priority: "must",
    ...one,
  }));
}

export function model(
  title: string,
  parts: Pick<ProductModel, "entities" | "features" | "access">,
): ProductModel {
  return {
    title,
    slug: title.toLowerCase().replaceAll(/[^a-z]+/g, "-"),
    summary: `${title} for tests.`,
    notUnderstood: [],
    context: [],
    ...parts,
  };
}

/** Features as a planner would number them: one story each, criteria in order. */
export function planned(
  platform: BlueprintPlatform,
  product: ProductModel,
): readonly PlannedFeature[] {
  return product.features.map((feature, index) => ({
    feature,
    storyId: `ST-${index + 1}`,
    storyTitle: feature.title,
    criteria: platform
      .criteria(feature, product)
      .map(({ key }, at) => ({ id: `AC-${index + 1}.${at + 1}`, key })),
  }));
}
