import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { UserStory } from "../../delivery/requirements/refined-requirements.ts";
import type { Feature, NotUnderstood, ProductModel } from "../model/product-model.ts";
import type { BlueprintPlatform } from "../platforms/platform.port.ts";

/** One story a feature in build order, then what cannot be built, grouped by reason. Ids are `ST-1`... */
export function storiesOf(
  model: ProductModel,
  document: RequirementsDocument,
  platform: BlueprintPlatform,
): readonly UserStory[] {
  const ids = new Map(model.features.map((feature, index) => [feature.id, `ST-${index + 1}`]));
  const built = model.features.map((feature) => storyOf(feature, model, platform, ids));
  const groups = [...groupsOf(model.notUnderstood, document)];
  const open = groups.map((group, index) => openStory(group, `ST-${built.length + index + 1}`));
  return [...built, ...open];
}

function storyOf(
  feature: Feature,
  model: ProductModel,
  platform: BlueprintPlatform,
  ids: ReadonlyMap<string, string>,
): UserStory {
  const id = ids.get(feature.id) ?? "ST-1";
  const number = id.slice("ST-".length);
  const refusal = platform.refusal(feature, model);
  const criteria = refusal === undefined ? platform.criteria(feature, model) : [];
  return {
    id,
    title: feature.title,
    asA: feature.actor,
    iWant: wish(feature),
    soThat: feature.benefit,
    criteria: criteria.map(({ given, when, then }, index) => ({
      id: `AC-${number}.${index + 1}`,
      given,
      when,
      then,
    })),
    sentences: [...feature.sentences],
    origin: feature.sentences.length === 0 ? "engineering" : "requirements",
    dependsOn: feature.dependsOn.flatMap((needed) => ids.get(needed) ?? []),
    points: pointsOf(feature, model),
    priority: feature.priority,
    features: [feature.id],
    ...(refusal === undefined ? {} : { unimplementable: refusal }),
  };
}

function wish(feature: Feature): string {
  const title = `${feature.title.slice(0, 1).toLowerCase()}${feature.title.slice(1)}`;
  return `to ${title}`;
}

const manyFields = 8;

function pointsOf(feature: Feature, model: ProductModel): number {
  switch (feature.kind) {
    case "service":
    case "import":
      return 5;
    case "create": {
      const fields = model.entities.find((entity) => entity.name === feature.entity)?.fields ?? [];
      return fields.length > manyFields ? 5 : 3;
    }
    case "access":
    case "search":
    case "filter":
    case "update":
      return 3;
    case "list":
    case "sort":
    case "delete":
    case "export":
    case "count":
      return 2;
    case "read":
    case "action":
      return 1;
  }
}

interface OpenGroup {
  readonly reason: string;
  readonly sentences: readonly { readonly id: string; readonly text: string }[];
}

/** Sentences that fail for the same reason make one story; without a reason, those of one section. */
function groupsOf(
  notUnderstood: readonly NotUnderstood[],
  document: RequirementsDocument,
): readonly OpenGroup[] {
  const byId = new Map(document.sentences.map((sentence) => [sentence.id, sentence]));
  const groups = new Map<string, { reason: string; sentences: { id: string; text: string }[] }>();
  for (const { sentence, reason } of notUnderstood) {
    const source = byId.get(sentence);
    if (source === undefined) continue;
    const plain = reason.replace(/ ?\(?“.*$/u, "");
    const specific = plain !== reason || reason.includes(";");
    const section = source.headingPath.join(" > ");
    const known = /:/.test(reason) && !specific;
    const key = known ? reason : specific ? `${sentence} ${reason}` : `${section} ${reason}`;
    const group = groups.get(key) ?? { reason, sentences: [] };
    group.sentences.push({ id: source.id, text: source.text });
    groups.set(key, group);
  }
  return [...groups.values()];
}

const maxTitleLength = 70;

function shorten(text: string): string {
  return text.length <= maxTitleLength ? text : `${text.slice(0, maxTitleLength - 1).trimEnd()}…`;
}

function openStory(group: OpenGroup, id: string): UserStory {
  const [first, ...others] = group.sentences;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return {
    id,
    title: `Not understood: ${shorten(first?.text ?? "")}${more}`,
    asA: "product owner",
    iWant: "what these sentences ask for to be built or withdrawn",
    soThat: "nothing that was asked for is lost without a word",
    criteria: [],
    sentences: group.sentences.map((sentence) => sentence.id),
    origin: "requirements",
    dependsOn: [],
    points: 3,
    priority: "should",
    features: [],
    unimplementable: group.reason,
  };
}
