import type { ProductModel } from "../../../model/product-model.ts";
import type { PlannedFeature } from "../../platform.port.ts";
import type { Doc } from "../code/doc.ts";
import { lines, print } from "../code/doc.ts";
import { block, lineWidth, quoted } from "../code/typescript.ts";
import { checksOf } from "../checks/checks.ts";
import { factoryNames } from "./factories.ts";
import type { Module } from "./imports.ts";
import { importsFor } from "./imports.ts";
import { kebab, namesOf } from "../names.ts";
import { newestPerFeature } from "../kept.ts";

/** Where the tests of a story stand. */
export function acceptancePath(planned: PlannedFeature): string {
  const slug = kebab(planned.feature.title).slice(0, 40).replace(/-+$/, "");
  return `test/acceptance/${planned.storyId.toLowerCase()}-${slug || "story"}.test.ts`;
}

function modulesOf({ entities }: ProductModel): readonly Module[] {
  return [
    { from: "node:fs", types: [], values: ["mkdtempSync", "rmSync", "writeFileSync"] },
    { from: "node:os", types: [], values: ["tmpdir"] },
    { from: "node:path", types: [], values: ["join"] },
    {
      from: "vitest",
      types: [],
      values: ["afterAll", "afterEach", "beforeAll", "beforeEach", "describe", "expect", "it"],
    },
    ...entities.flatMap((entity): Module[] => {
      const names = namesOf(entity);
      return [
        { from: `../../src/domain/${names.file}.ts`, types: [names.type], values: [] },
        {
          from: `../../src/storage/${names.file}-repository.ts`,
          types: [],
          values: [names.repository],
        },
      ];
    }),
    {
      from: "../support/factories.ts",
      types: [],
      values: entities.flatMap((entity) => Object.values(factoryNames(entity))),
    },
    { from: "../support/ask.ts", types: [], values: ["ask"] },
    { from: "../support/imports.ts", types: ["ImportReport"], values: ["csvOf"] },
    { from: "../support/logs.ts", types: [], values: ["logOf"] },
    { from: "../support/pages.ts", types: ["PageOf"], values: ["byId", "idsOf", "walk"] },
    {
      from: "../support/process.ts",
      types: [],
      values: ["BuiltService", "readinessOf", "SlowRequest", "stopsListening"],
    },
    {
      from: "../support/service.ts",
      types: ["ProblemDocument"],
      values: ["contract", "expectProblem", "TestService"],
    },
    { from: "../support/timing.ts", types: [], values: ["p95OfBestTry", "withStoredService"] },
    { from: "../support/token.ts", types: [], values: ["testToken"] },
  ];
}

/** Tests of the service itself close its database and start processes: each has one of its own. */
function isShared({ feature }: PlannedFeature): boolean {
  return feature.kind !== "service" && feature.kind !== "access";
}

const keepFile = newestPerFeature<string>();

/** The tests of one story: one a criterion, named by its id. */
export function acceptanceFile(model: ProductModel, planned: PlannedFeature): string {
  const { feature, storyId, storyTitle, criteria } = planned;
  const key = JSON.stringify([storyId, storyTitle, criteria.map((one) => [one.id, one.key])]);
  return keepFile(model, feature, key, () => writeFile(model, planned));
}

function writeFile(model: ProductModel, planned: PlannedFeature): string {
  const checks = new Map(checksOf(planned.feature, model).map((check) => [check.key, check]));
  const tests = planned.criteria.flatMap(({ id, key }): Doc[] => {
    const check = checks.get(key);
    if (check === undefined) return [];
    return [["", block(`it(${quoted(`${id} ${check.title}`)}, async () =>`, check.body), ");"]];
  });
  const body = block(`describe(${quoted(`${planned.storyId} ${planned.storyTitle}`)}, () =>`, [
    "let service: TestService;",
    "",
    ...(isShared(planned)
      ? [
          [block("beforeAll(async () =>", ["service = await TestService.start();"]), ");"],
          "beforeEach(() => service.empty());",
          "afterAll(() => service.stop());",
        ]
      : [
          [block("beforeEach(async () =>", ["service = await TestService.start();"]), ");"],
          "afterEach(() => service.stop());",
        ]),
    ...tests.flatMap((test) => ["", test]),
  ]);
  return print(lines([...importsFor(body, modulesOf(model)), "", [body, ");"]]), lineWidth);
}
