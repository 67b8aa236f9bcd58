import { indefinite, upperFirst } from "../read/names.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type {
  RefinedRequirements,
  UserStory,
} from "../../delivery/requirements/refined-requirements.ts";
import type { Entity, Field, ProductModel } from "../model/product-model.ts";
import type { ProductReading } from "../read/reading.ts";

/** `a, b and c`. */
export function enumeration(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** What the product is, keeps and does, in three sentences. */
export function briefOf(model: ProductModel): string {
  const things = model.entities.map(
    (entity) => `${entity.plural} (${enumeration(entity.fields.map((field) => field.label))})`,
  );
  const access =
    model.access.kind === "open"
      ? "Whoever reaches the service may use it."
      : model.access.publicReads
        ? "Reading is open to all; changing needs a token."
        : "Every request needs a token.";
  const keeps =
    things.length === 0
      ? "Nothing to keep was recognised in the document."
      : `The service keeps ${enumeration(things)}.`;
  return `${model.summary} ${keeps} ${access}`;
}

/** Who wants what: actors of the features, the operator, and people as the document describes them. */
export function personasOf(
  model: ProductModel,
  document: RequirementsDocument,
): RefinedRequirements["personas"] {
  const byId = new Map(document.sentences.map((sentence) => [sentence.id, sentence.text]));
  const actors = [
    ...new Set(
      model.features
        .filter((feature) => feature.kind !== "service" && feature.kind !== "access")
        .map((feature) => feature.actor),
    ),
  ];
  const wanted = actors.map((actor) => ({
    name: actor,
    needs: enumeration(
      model.features
        .filter((feature) => feature.actor === actor)
        .map((feature) => lowerFirst(feature.title)),
    ),
  }));
  const described = model.context.flatMap((one) =>
    one.kind === "persona" ? [{ name: "As described", needs: byId.get(one.sentence) ?? "" }] : [],
  );
  return [
    ...wanted,
    {
      name: "operator",
      needs: "to start the service, to see whether it is well, and to stop it without losing data",
    },
    ...described,
  ];
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

/** What a builder would have to ask: limits that the document does not give. */
export function missingConstraintsOf(model: ProductModel): readonly string[] {
  const perEntity = model.entities.flatMap((entity) => {
    const unlimited = labelsOf(
      entity,
      (field) => field.type.kind === "text" && field.type.maxLength === undefined,
    );
    const unbounded = labelsOf(
      entity,
      (field) =>
        (field.type.kind === "integer" || field.type.kind === "decimal") &&
        field.type.maximum === undefined,
    );
    const unique =
      entity.fields.some((field) => field.unique !== "no") || entity.uniqueTogether.length > 0;
    return [
      ...(unlimited.length > 0
        ? [`How long may the ${enumeration(unlimited)} of ${indefinite(entity.singular)} be?`]
        : []),
      ...(unbounded.length > 0
        ? [`What is the largest ${enumeration(unbounded)} of ${indefinite(entity.singular)}?`]
        : []),
      ...(unique
        ? []
        : [
            `May two ${entity.plural} be alike in everything? Nothing says that one of their fields is unique.`,
          ]),
    ];
  });
  const open =
    model.access.kind === "open"
      ? ["Who may use the service? Nothing is said, so it is open to whoever reaches it."]
      : [
          "Who hands out tokens, and when do they expire? They are set when the service is started.",
        ];
  const quality = model.context.some((one) => one.kind === "nonfunctional")
    ? []
    : ["How many records and how many requests a second are expected?"];
  return [...perEntity, ...open, ...quality];
}

function labelsOf(entity: Entity, test: (field: Field) => boolean): readonly string[] {
  return entity.fields.filter(test).map((field) => field.label);
}

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

const outsideServices: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/e-mail/, "A mail server"],
  [/notifies/, "A notification service"],
  [/payment/, "A payment service"],
  [/map/, "A map service"],
  [/system outside/, "The outside system that is named"],
  [/accounts of people/, "An identity provider"],
];

/** Services that the document would need and that the product does not reach. */
export function externalDependenciesOf(
  model: ProductModel,
): RefinedRequirements["externalDependencies"] {
  return outsideServices.flatMap(([pattern, name]) => {
    const sentences = model.notUnderstood
      .filter((one) => pattern.test(one.reason))
      .map((one) => one.sentence);
    return sentences.length === 0
      ? []
      : [{ name, why: `asked for by ${sentences.join(", ")}; not built` }];
  });
}

/** What the reader decided, what the document itself assumes, and what holds for every product. */
export function assumptionsOf(
  reading: ProductReading,
  document: RequirementsDocument,
): RefinedRequirements["assumptions"] {
  const { model } = reading;
  const byId = new Map(document.sentences.map((sentence) => [sentence.id, sentence.text]));
  const stated = model.context.flatMap((one) =>
    one.kind === "assumption"
      ? [
          {
            text: byId.get(one.sentence) ?? "",
            criterion: "The document itself states it; ask its author.",
          },
        ]
      : [],
  );
  const [first] = model.entities;
  const general =
    first === undefined
      ? []
      : [
          {
            text: `Every ${first.singular} gets an id and the times of its creation and last change from the service.`,
            criterion: `A new ${first.singular} comes back with id, createdAt and updatedAt.`,
          },
          {
            text: "Text is trimmed, and a required text of spaces only counts as missing.",
            criterion: "A required text of spaces only is refused.",
          },
        ];
  return [...reading.assumptions, ...stated, ...general];
}
