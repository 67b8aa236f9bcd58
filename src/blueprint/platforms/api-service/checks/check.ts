import type { Feature, ProductModel } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import type { Scope } from "../scope.ts";

/** One criterion and the test that exercises it: one thing, so that they cannot drift apart. */
export interface Check {
  /** Unique within the feature, stable. */
  readonly key: string;
  readonly given: string;
  readonly when: string;
  readonly then: string;
  /** What stands after the criterion's id in the test's name. */
  readonly title: string;
  /** Statements of the test. `service` is a running TestService. */
  readonly body: readonly Doc[];
}

export interface CheckContext {
  readonly model: ProductModel;
  /** The model with every feature up to and with the one in hand. */
  readonly scope: Scope;
  readonly feature: Feature;
}
