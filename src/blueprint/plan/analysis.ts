import { indefinite } from "../read/names.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
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
