import type { Feature, ProductModel } from "../../blueprint/model/product-model.ts";
import type { BlueprintPlatform, PlannedFeature } from "../../blueprint/platforms/platform.port.ts";
import type { Story } from "../../delivery/backlog/backlog.ts";

/** What a story is for blueprint. */
export type StoryFeature =
  | { readonly kind: "planned"; readonly planned: PlannedFeature }
  | { readonly kind: "unimplemented"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** The feature that a story stands for, with the story's criteria as its own. */
export function featureOf(
  platform: BlueprintPlatform,
  model: ProductModel,
  story: Story,
): StoryFeature {
  const [featureId] = story.features;
  const feature = model.features.find(({ id }) => id === featureId);
  if (feature === undefined)
    return { kind: "unimplemented", reason: `${story.id} asks for nothing that can be built` };
  const refusal = platform.refusal(feature, model);
  if (refusal !== undefined) return { kind: "unimplemented", reason: refusal };
  const keys = platform.criteria(feature, model).map(({ key }) => key);
  if (keys.length !== story.criteria.length)
    return {
      kind: "failed",
      reason: `${story.id} has ${String(story.criteria.length)} criteria and its feature ${String(keys.length)}: plan it again`,
    };
  const criteria = story.criteria.flatMap(({ id }, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ id, key }];
  });
  return {
    kind: "planned",
    planned: { feature, storyId: story.id, storyTitle: story.title, criteria },
  };
}

/**
 * The features of stories, in the order of the model: files must not depend on the order in which
 * stories were done. Stories without a feature that can be built are left out.
 */
export function featuresOf(
  platform: BlueprintPlatform,
  model: ProductModel,
  stories: readonly Story[],
): readonly PlannedFeature[] {
  const place = (feature: Feature): number => model.features.indexOf(feature);
  return stories
    .flatMap((story) => {
      const one = featureOf(platform, model, story);
      return one.kind === "planned" ? [one.planned] : [];
    })
    .sort((a, b) => place(a.feature) - place(b.feature));
}
