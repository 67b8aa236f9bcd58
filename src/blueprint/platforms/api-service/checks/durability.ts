import type { Entity, Feature, ProductModel } from "../../../model/product-model.ts";
import { needsTarget } from "../emit/factories.ts";
import { namesOf } from "../names.ts";
import { entityNameOf, writableFields } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { subjectOf } from "./parts.ts";
import { withBuilt } from "./service.ts";

/** Key of the check that ends the process without warning. */
export const survivesKill = "keeps-what-was-saved";
/** Key of the check that writes wait for the disk. */
export const waitsForDisk = "waits-for-the-disk";

interface Kept {
  readonly entity: Entity;
  /** What shows a record: the first that does. */
  readonly shownBy: Feature;
}

/** Entities that can be created by themselves and be read again. */
function keptEntities(model: ProductModel): readonly Kept[] {
  return model.entities.flatMap((entity) => {
    const own = model.features.filter((feature) => entityNameOf(feature) === entity.name);
    const shownBy = own.find((feature) => feature.kind === "read" || feature.kind === "list");
    const creates = own.some((feature) => feature.kind === "create");
    if (!creates || shownBy === undefined || writableFields(entity).some(needsTarget)) return [];
    return [{ entity, shownBy }];
  });
}

/** The feature with which all of them can be created and read: one test for all. Undefined when there are none. */
export function durabilityFeature(model: ProductModel): Feature | undefined {
  const kept = keptEntities(model);
  const needed = new Set(
    kept.flatMap(({ entity, shownBy }) => [
      shownBy.id,
      ...model.features
        .filter((feature) => feature.kind === "create" && feature.entity === entity.name)
        .map(({ id }) => id),
    ]),
  );
  return model.features.findLast(({ id }) => needed.has(id));
}

/** What must hold when the process or the machine ends without warning; none when nothing asks for it. */
export function durabilityChecks(context: CheckContext): readonly Check[] {
  const { model, feature } = context;
  const asked = (model.qualities ?? []).flatMap((quality) =>
    quality.aspects.filter((aspect) => aspect.kind === "durability"),
  );
  const isKillable = asked.length > 0 && durabilityFeature(model)?.id === feature.id;
  // The service opens its database: with a later feature, the test would pass without that feature.
  const opensDatabase = feature.kind === "service" && asked.some((aspect) => aspect.power);
  return [...(isKillable ? [killCheck(context)] : []), ...(opensDatabase ? [diskCheck] : [])];
}

function killCheck(context: CheckContext): Check {
  const kept = keptEntities(context.model);
  const plurals = kept.map(({ entity }) => entity.plural).join(", ");
  return {
    key: survivesKill,
    given: `the answers that ${plurals} were created`,
    when: "the process is killed without warning (SIGKILL) and started again",
    then: "what was created is there as it was",
    title: "keeps what was saved when the process is killed",
    body: [
      "const built = await BuiltService.build();",
      withBuilt([
        "const before = await built.start();",
        ...kept.flatMap((one) => saving(context, one)),
        'before.signal("SIGKILL");',
        "await before.exited;",
        "const after = await built.start();",
        ...kept.flatMap(finding),
      ]),
    ],
  };
}

function saving(context: CheckContext, { shownBy }: Kept): readonly string[] {
  const { variable, type, path, content } = subjectOf({ ...context, feature: shownBy });
  return [
    `const ${variable} = await ask<${type}>(\`\${before.url}${path}\`, "POST", ${content});`,
    `expect(${variable}.status).toBe(201);`,
  ];
}

function finding({ entity, shownBy }: Kept): readonly string[] {
  const { variable, type } = namesOf(entity);
  const path = `/${entity.collection}`;
  if (shownBy.kind === "list")
    return [
      `const ${variable}Page = await ask<PageOf<${type}>>(\`\${after.url}${path}\`, "GET");`,
      `expect(${variable}Page.body.items).toContainEqual(${variable}.body);`,
    ];
  return [
    `const ${variable}Url = \`\${after.url}${path}/\${${variable}.body.id}\`;`,
    `const ${variable}Found = await ask<${type}>(${variable}Url, "GET");`,
    `expect(${variable}Found.body).toEqual(${variable}.body);`,
  ];
}

const diskCheck: Check = {
  key: waitsForDisk,
  given: "the service runs",
  when: "its database is asked how it writes",
  then: "every change waits until the disk has it",
  title: "waits for the disk with every change",
  body: ['expect(service.database.first("PRAGMA synchronous")).toEqual({ synchronous: 2 });'],
};
