import type { Feature, ProductModel } from "../../model/product-model.ts";

/** Gives what `make` gave for the same model, feature and key, or makes it. */
export type Keep<Value> = (
  model: ProductModel,
  feature: Feature,
  key: string,
  make: () => Value,
) => Value;

/**
 * For what depends on a model, a feature and a key alone: each story renders the whole project, and
 * most of it as the story before. Keeps one value a feature, the newest, as long as the model lives.
 */
export function newestPerFeature<Value>(): Keep<Value> {
  const models = new WeakMap<ProductModel, WeakMap<Feature, { key: string; value: Value }>>();
  return (model, feature, key, make) => {
    const known = models.get(model) ?? new WeakMap<Feature, { key: string; value: Value }>();
    models.set(model, known);
    const found = known.get(feature);
    if (found?.key === key) return found.value;
    const value = make();
    known.set(feature, { key, value });
    return value;
  };
}
