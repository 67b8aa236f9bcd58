import type { Feature, ProductModel } from "../../../model/product-model.ts";
import { newestPerFeature } from "../kept.ts";
import { entityNameOf, scopeOf } from "../scope.ts";
import { accessChecks } from "./access.ts";
import { actionChecks } from "./actions.ts";
import type { Check, CheckContext } from "./check.ts";
import { createChecks } from "./create.ts";
import { countChecks } from "./counts.ts";
import { heldBackChecks } from "./deletion.ts";
import { listChecks } from "./list.ts";
import { subjectOf } from "./parts.ts";
import { filterChecks } from "./filter.ts";
import { qualityChecks } from "./qualities.ts";
import { searchChecks } from "./search.ts";
import { sortChecks } from "./sort.ts";
import { deleteChecks, readChecks } from "./records.ts";
import { serviceChecks } from "./service.ts";
import { exportChecks, importChecks } from "./transfer.ts";
import { updateChecks } from "./update.ts";

function ownChecks(context: CheckContext): readonly Check[] {
  const { feature } = context;
  switch (feature.kind) {
    case "service":
      return serviceChecks;
    case "access":
      return accessChecks(context);
    case "create":
      return createChecks(context);
    case "read":
      return readChecks(context);
    case "list":
      return listChecks(context, feature);
    case "update":
      return updateChecks(context);
    case "delete":
      return deleteChecks(context);
    case "search":
      return searchChecks(context, feature);
    case "filter":
      return filterChecks(context, feature);
    case "sort":
      return sortChecks(context, feature);
    case "export":
      return exportChecks(context, feature);
    case "import":
      return importChecks(context, feature);
    case "action":
      return actionChecks(context, feature);
    case "count":
      return countChecks(context, feature);
  }
}

const keepChecks = newestPerFeature<readonly Check[]>();

/** The criteria of a feature with their tests. Equal features of equal models give equal checks. */
export function checksOf(feature: Feature, model: ProductModel): readonly Check[] {
  return keepChecks(model, feature, "", () => makeChecks(feature, model));
}

function makeChecks(feature: Feature, model: ProductModel): readonly Check[] {
  const at = model.features.findIndex((one) => one.id === feature.id);
  const known = at < 0 ? [...model.features, feature] : model.features.slice(0, at + 1);
  const context: CheckContext = {
    model,
    scope: scopeOf(model, known),
    feature: known.at(-1) ?? feature,
  };
  const checks = [
    ...ownChecks(context),
    ...qualityChecks(context),
    ...(entityNameOf(feature) === undefined ? [] : heldBackChecks(context, subjectOf(context))),
  ];
  const keys = new Set<string>();
  return checks.filter(({ key }) => !keys.has(key) && keys.add(key));
}
