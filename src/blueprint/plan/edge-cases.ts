import { indefinite, upperFirst } from "../read/names.ts";
import type {
  RefinedRequirements,
  UserStory,
} from "../../delivery/requirements/refined-requirements.ts";
import type { Entity, Field, ProductModel } from "../model/product-model.ts";

/** Cases at the edge of the rules of the model, with the stories that meet them; none without a story. */
export function edgeCasesOf(
  model: ProductModel,
  stories: readonly UserStory[],
): RefinedRequirements["edgeCases"] {
  const storiesOf = (entity: Entity, ...kinds: readonly string[]): string[] =>
    model.features.flatMap((feature, index) => {
      const matches =
        "entity" in feature && feature.entity === entity.name && kinds.includes(feature.kind);
      const story = stories[index];
      return matches && story !== undefined ? [story.id] : [];
    });
  const cases = model.entities.flatMap((entity) => [
    ...fieldCases(entity, model, storiesOf),
    {
      text: `A list of ${entity.plural} is asked for while there are none.`,
      stories: storiesOf(entity, "list"),
    },
    {
      text: `${upperFirst(indefinite(entity.singular))} is added while somebody pages through the list.`,
      stories: storiesOf(entity, "list"),
    },
    {
      text: `A search for %, _ or a quotation mark finds these characters, not everything.`,
      stories: storiesOf(entity, "search"),
    },
    {
      text: `A file to import has one bad row among good ones.`,
      stories: storiesOf(entity, "import"),
    },
    {
      text: `An exported text begins with =, + or @ and is opened in a spreadsheet.`,
      stories: storiesOf(entity, "export"),
    },
    {
      text: `${upperFirst(indefinite(entity.singular))} is changed or deleted that somebody else has deleted before.`,
      stories: storiesOf(entity, "update", "delete"),
    },
    {
      text: `The same action is asked for twice on one ${entity.singular}.`,
      stories: storiesOf(entity, "action"),
    },
  ]);
  return cases.filter((one) => one.stories.length > 0);
}

type StoriesOf = (entity: Entity, ...kinds: readonly string[]) => string[];

function fieldCases(
  entity: Entity,
  model: ProductModel,
  storiesOf: StoriesOf,
): RefinedRequirements["edgeCases"] {
  return entity.fields.flatMap((field) => {
    const writes = storiesOf(entity, "create", "update", "import");
    if (field.type.kind === "reference")
      return referenceCases(entity, field, field.type, model, storiesOf);
    return [
      ...(field.unique === "no"
        ? []
        : [
            {
              text: `Two requests create ${indefinite(entity.singular)} with the same ${field.label} at the same moment.`,
              stories: writes,
            },
          ]),
      ...(field.required && field.type.kind === "text"
        ? [
            {
              text: `The ${field.label} of ${indefinite(entity.singular)} consists of spaces only.`,
              stories: writes,
            },
          ]
        : []),
      ...(field.type.kind === "date" && field.type.relation !== "any"
        ? [
            {
              text: `The ${field.label} of ${indefinite(entity.singular)} is today, in a time zone where it is already tomorrow.`,
              stories: writes,
            },
          ]
        : []),
      ...(field.type.kind === "labels"
        ? [
            {
              text: `The same word is given twice among the ${field.label} of ${indefinite(entity.singular)}.`,
              stories: writes,
            },
          ]
        : []),
      ...(field.type.kind === "decimal"
        ? [
            {
              text: `The ${field.label} of ${indefinite(entity.singular)} has more digits after the point than are kept.`,
              stories: writes,
            },
          ]
        : []),
    ];
  });
}

function referenceCases(
  entity: Entity,
  field: Field,
  type: Extract<Field["type"], { kind: "reference" }>,
  model: ProductModel,
  storiesOf: StoriesOf,
): RefinedRequirements["edgeCases"] {
  const target = model.entities.find((one) => one.name === type.entity);
  if (target === undefined) return [];
  const effect = {
    restrict: "is refused",
    cascade: "deletes them too",
    clear: `leaves them without ${field.label}`,
  }[type.onDelete];
  return [
    {
      text: `${upperFirst(indefinite(entity.singular))} names ${indefinite(target.singular)} that does not exist.`,
      stories: storiesOf(entity, "create", "update", "import"),
    },
    {
      text: `Deleting ${indefinite(target.singular)} that ${entity.plural} refer to ${effect}.`,
      stories: storiesOf(target, "delete"),
    },
    ...(target === entity
      ? [
          {
            text: `${upperFirst(indefinite(entity.singular))} is made its own ${field.label}, directly or through others.`,
            stories: storiesOf(entity, "update"),
          },
        ]
      : []),
  ];
}
