import type { Feature, ProductModel } from "../model/product-model.ts";
import type { AspectProof, QualityAspect } from "../model/quality.ts";

/** One acceptance criterion of a feature, before the story number is known. */
export interface FeatureCriterion {
  /** Unique within the feature, kebab-case, stable: `rejects-missing-title`. */
  readonly key: string;
  readonly given: string;
  readonly when: string;
  readonly then: string;
}

/** A feature together with the story that it became. */
export interface PlannedFeature {
  readonly feature: Feature;
  readonly storyId: string;
  readonly storyTitle: string;
  readonly criteria: readonly {
    /** `AC-3.1` */
    readonly id: string;
    /** The `key` of the FeatureCriterion that it comes from. */
    readonly key: string;
  }[];
}

export interface RenderRequest {
  readonly model: ProductModel;
  /** Features done so far and the one in hand, in build order. Files hold what these need and no more. */
  readonly features: readonly PlannedFeature[];
  /** Fixed files of the platform: relative path -> text, from `templates/<platform>/`. */
  readonly template: ReadonlyMap<string, string>;
  /** What `remember` gave for the rendering that the project holds now; undefined when there is none. */
  readonly memory?: JsonValue | undefined;
}

export interface RenderedFile {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** A kind of product that blueprint can build. Pure: equal requests give equal files. */
export interface BlueprintPlatform {
  /** `api_service` */
  readonly id: string;
  readonly title: string;
  /** Parts of a generated project, for the platform plan and the design document. */
  readonly components: readonly { readonly name: string; readonly role: string }[];
  /** Commands that start the product when all of it is built, in order, run in its folder. */
  startCommands(model: ProductModel): readonly string[];
  readonly stack: readonly { readonly choice: string; readonly why: string }[];
  /** Why this platform cannot build a feature of the model; undefined when it can. */
  refusal(feature: Feature, model: ProductModel): string | undefined;
  /** Criteria that the feature's tests exercise. At least one. */
  criteria(feature: Feature, model: ProductModel): readonly FeatureCriterion[];
  /** Which criteria of the features show that an aspect holds. Absent: the platform proves none. */
  proof?(aspect: QualityAspect, model: ProductModel): AspectProof;
  /** The whole project. Every file of it: a path of an earlier rendering that is missing now was removed. */
  render(request: RenderRequest): readonly RenderedFile[];
  /**
   * What the next rendering must know of this one, besides its files: what was released and must
   * not change any more. Absent for a platform that needs nothing of the kind.
   */
  remember?(request: RenderRequest): JsonValue;
  /** Features without which the code of this one cannot stand, by id. Absent: none. */
  needs?(feature: Feature, model: ProductModel): readonly string[];
  /** Test files among the rendered that exercise the story's criteria. */
  acceptanceTests(request: RenderRequest, storyId: string): readonly string[];
}
