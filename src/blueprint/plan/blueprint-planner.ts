import type { Planner, PlatformPlan } from "../../delivery/agent/planner.port.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
import { BlueprintError } from "../model/errors.ts";
import type { ProductModel } from "../model/product-model.ts";
import type { BlueprintPlatform } from "../platforms/platform.port.ts";
import type { ProductReading } from "../read/reading.ts";
import { understand } from "../read/read-product.ts";
import {
  assumptionsOf,
  briefOf,
  externalDependenciesOf,
  missingConstraintsOf,
  personasOf,
} from "./analysis.ts";
import { edgeCasesOf } from "./edge-cases.ts";
import { designDocumentOf } from "./design-document.ts";
import { nonfunctionalOf, withUnprovenMeasures } from "./qualities.ts";
import { storiesOf } from "./stories.ts";

/**
 * The deterministic planner: one story for each feature that was understood, one for each group of
 * sentences that was not. `platforms`: those that can be built on, the preferred one first; at least one.
 */
export function createBlueprintPlanner(platforms: readonly BlueprintPlatform[]): Planner {
  return {
    kind: "blueprint",
    async refine(document, signal) {
      signal.throwIfAborted();
      return refinedOf(document, understand(document), platformNamed(platforms, undefined));
    },
    async choosePlatform(document, refined, preferred) {
      const { model } = understand(document);
      return planOf(platformNamed(platforms, preferred), model, refined, preferred);
    },
    async designDocument(document, refined, plan) {
      const platform = platformNamed(platforms, plan.platform);
      return designDocumentOf(understand(document).model, refined, plan, platform);
    },
  };
}

function platformNamed(
  platforms: readonly BlueprintPlatform[],
  id: string | undefined,
): BlueprintPlatform {
  const found = id === undefined ? platforms[0] : platforms.find((one) => one.id === id);
  if (found !== undefined) return found;
  const known = platforms.map((one) => one.id).join(", ");
  throw new BlueprintError(
    "AUTOSD-PLATFORM-UNKNOWN",
    `there is no platform ${JSON.stringify(id ?? "")}; known: ${known || "none"}`,
    { details: { known: platforms.map((one) => one.id) } },
  );
}

function planOf(
  platform: BlueprintPlatform,
  model: ProductModel,
  refined: RefinedRequirements,
  preferred: string | undefined,
): PlatformPlan {
  const buildable = refined.stories.filter((story) => story.unimplementable === undefined).length;
  const reason =
    preferred === undefined
      ? `${platform.title}: it can build ${buildable} of ${refined.stories.length} stories`
      : `${platform.title}: it was asked for`;
  return {
    platform: platform.id,
    why: reason,
    startCommands: platform.startCommands(model),
    components: platform.components,
  };
}

function refinedOf(
  document: RequirementsDocument,
  reading: ProductReading,
  platform: BlueprintPlatform,
): RefinedRequirements {
  const model = withUnprovenMeasures(reading.model, platform);
  const stories = storiesOf(model, document, platform);
  return {
    schema: "autosd/refined-requirements@1",
    source: { name: document.source, digest: document.digest },
    title: model.title,
    brief: briefOf(model),
    personas: personasOf(model, document),
    stories: [...stories],
    nonfunctional: nonfunctionalOf(model, document, stories, platform),
    ambiguities: reading.ambiguities.map((one) => ({ ...one, sentences: [...one.sentences] })),
    contradictions: reading.contradictions.map((one) => ({
      ...one,
      sentences: [...one.sentences],
    })),
    missingConstraints: [...missingConstraintsOf(model)],
    edgeCases: edgeCasesOf(model, stories),
    externalDependencies: externalDependenciesOf(model),
    assumptions: assumptionsOf(reading, document),
    stack: [...platform.stack],
    notCovered: notCoveredOf(model),
  };
}

/** Gaps first: what asks for something; then sentences from which nothing is to be built. */
function notCoveredOf(model: ProductModel): RefinedRequirements["notCovered"] {
  const gaps = model.notUnderstood.map((one) => ({ ...one, kind: "gap" as const }));
  const open = new Set(model.notUnderstood.map((one) => one.sentence));
  const traced = new Set(model.features.flatMap((feature) => feature.sentences));
  const context = model.context.flatMap((one) =>
    open.has(one.sentence) || traced.has(one.sentence)
      ? []
      : [
          {
            sentence: one.sentence,
            kind: "context" as const,
            reason: `${one.kind}: ${one.reason}`,
          },
        ],
  );
  return [...gaps, ...context];
}
