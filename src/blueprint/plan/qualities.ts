import type {
  QualityProof,
  RefinedRequirements,
  UserStory,
} from "../../delivery/requirements/refined-requirements.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { ProductModel } from "../model/product-model.ts";
import type { AspectProof, Quality, QualityAspect } from "../model/quality.ts";
import type { BlueprintPlatform } from "../platforms/platform.port.ts";
import { qualityOf } from "../read/classify.ts";

const unproven: AspectProof = { by: [], open: "the platform has no test for it" };

function proofsOf(
  aspects: readonly QualityAspect[],
  model: ProductModel,
  platform: BlueprintPlatform,
): readonly AspectProof[] {
  return aspects.map((aspect) => platform.proof?.(aspect, model) ?? unproven);
}

const measured: ReadonlySet<QualityAspect["kind"]> = new Set([
  "response-time",
  "body-limit",
  "other-measure",
]);

/**
 * The model with each requirement that must be met, could be measured, and is measured by nothing,
 * among what is not understood: to pass it over would be to claim it.
 */
export function withUnprovenMeasures(
  model: ProductModel,
  platform: BlueprintPlatform,
): ProductModel {
  const reported = new Set(model.notUnderstood.map((one) => one.sentence));
  const missed = (model.qualities ?? []).flatMap((quality) => {
    if (reported.has(quality.sentence)) return [];
    const reason = reasonUnmeasured(quality, model, platform);
    return reason === undefined ? [] : [{ sentence: quality.sentence, reason }];
  });
  return missed.length === 0
    ? model
    : { ...model, notUnderstood: [...model.notUnderstood, ...missed] };
}

function reasonUnmeasured(
  quality: Quality,
  model: ProductModel,
  platform: BlueprintPlatform,
): string | undefined {
  if (!quality.isMust) return undefined;
  const open = quality.aspects
    .filter((aspect) => measured.has(aspect.kind))
    .flatMap((aspect) => {
      const proof = platform.proof?.(aspect, model) ?? unproven;
      return proof.by.length === 0 && proof.open !== undefined ? [proof.open] : [];
    });
  return open.length === 0
    ? undefined
    : `states a figure that nothing holds the product to: ${open.join("; ")}`;
}

/** Statements on the whole product with what proves them: `stories` are those of the features, in their order. */
export function nonfunctionalOf(
  model: ProductModel,
  document: RequirementsDocument,
  stories: readonly UserStory[],
  platform: BlueprintPlatform,
): RefinedRequirements["nonfunctional"] {
  const texts = new Map(document.sentences.map((sentence) => [sentence.id, sentence.text]));
  const criteria = criteriaOf(model, stories, platform);
  const proof = (aspects: readonly QualityAspect[]): QualityProof =>
    togetherOf(proofsOf(aspects, model, platform), criteria);
  const known = new Map((model.qualities ?? []).map((quality) => [quality.sentence, quality]));
  const stated = [
    ...new Set(
      model.context.flatMap((one) => (one.kind === "nonfunctional" ? [one.sentence] : [])),
    ),
  ].flatMap((sentence) => {
    const statement = texts.get(sentence);
    if (statement === undefined) return [];
    const quality = known.get(sentence);
    const kind = quality?.kind ?? qualityOf(statement) ?? ("operability" as const);
    const aspects = quality?.aspects ?? [{ kind: "unmeasured" as const, words: statement }];
    return [{ kind, statement, sentences: [sentence], proof: proof(aspects) }];
  });
  const { access } = model;
  if (access.kind === "open") return stated;
  const statement = access.publicReads
    ? "Whoever changes data shows a token."
    : "Every request but the health checks shows a token.";
  const tokens = {
    kind: "security" as const,
    statement,
    sentences: [...access.sentences],
    proof: proof([{ kind: "tokens" }]),
  };
  return [...stated, tokens];
}

/** `feature key` -> id of the criterion in its story. */
function criteriaOf(
  model: ProductModel,
  stories: readonly UserStory[],
  platform: BlueprintPlatform,
): ReadonlyMap<string, string> {
  return new Map(
    model.features.flatMap((feature, index) => {
      const story = stories[index];
      if (story === undefined || story.unimplementable !== undefined) return [];
      return platform
        .criteria(feature, model)
        .map(({ key }, at) => [`${feature.id} ${key}`, story.criteria[at]?.id ?? ""] as const);
    }),
  );
}

function togetherOf(
  proofs: readonly AspectProof[],
  criteria: ReadonlyMap<string, string>,
): QualityProof {
  const ids = proofs.flatMap(({ by }) =>
    by.flatMap(({ feature, key }) => criteria.get(`${feature} ${key}`) ?? []),
  );
  const open = [...new Set(proofs.flatMap((proof) => proof.open ?? []))];
  const distinct = [...new Set(ids)];
  if (distinct.length === 0)
    return { kind: "not-proven", reason: open.join("; ") || "no test shows it" };
  return open.length === 0
    ? { kind: "proven", criteria: distinct }
    : { kind: "partly", criteria: distinct, reason: open.join("; ") };
}
