import type { Feature, Field } from "../../../model/product-model.ts";
import type { QualityAspect, TimedOperation } from "../../../model/quality.ts";
import type { Doc } from "../code/doc.ts";
import { block } from "../code/typescript.ts";
import { needsTarget } from "../emit/factories.ts";
import { fieldOf, filtersOf, mustBeSent, writableFields } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { isFree, sampleWord } from "./finding.ts";
import type { Subject } from "./parts.ts";
import { subjectOf } from "./parts.ts";

export type ResponseTime = Extract<QualityAspect, { readonly kind: "response-time" }>;

/** Records when the document does not say how many there are. */
const defaultRecords = 1_000;
/** More cannot be made in the time that a test may take. */
const maxRecords = 50_000;

const timed: ReadonlySet<Feature["kind"]> = new Set<TimedOperation>([
  "create",
  "read",
  "list",
  "search",
  "filter",
  "sort",
  "update",
  "delete",
  "count",
]);

/** The key of the check that holds a feature to a limit. */
export function timingKey({ limitMs, records }: ResponseTime): string {
  return `answers-within-${limitMs}-ms-of-${records ?? defaultRecords}`;
}

/** True when the limit is one on this feature. */
export function isTimedBy(feature: Feature, aspect: ResponseTime): boolean {
  if (!timed.has(feature.kind) || !("entity" in feature)) return false;
  if (aspect.entity !== undefined && aspect.entity !== feature.entity) return false;
  return aspect.operation === undefined || aspect.operation === feature.kind;
}

/** Why no test makes that many records; undefined when one does. */
export function reasonNotToTime(
  { records }: ResponseTime,
  unique: readonly Field[],
): string | undefined {
  const count = records ?? defaultRecords;
  if (count > maxRecords) return `no test makes more than ${maxRecords} records`;
  const scarce = unique.find((field) => differentValues(field) < count + callsInAll);
  return scarce === undefined ? undefined : `there cannot be ${count} different ${scarce.label}`;
}

/** Records that are made while they are timed. */
const callsInAll = 300;

function differentValues({ type }: Field): number {
  if (type.kind === "text")
    return type.maxLength !== undefined && type.maxLength < 6 ? 0 : Infinity;
  if (type.kind === "decimal") return type.maximum === undefined ? Infinity : 0;
  if (type.kind === "integer")
    return type.maximum === undefined ? Infinity : type.maximum - Math.max(type.minimum ?? 0, 0);
  return 0;
}

interface Call {
  /** Code that makes what one call needs. */
  readonly before: readonly string[];
  /** Codes of promises of an answer: each is timed. */
  readonly calls: readonly string[];
  readonly status: number;
}

function getting(path: string, ...queries: readonly string[]): Call {
  return {
    before: [],
    calls: queries.map((query) => `service.get("${path}${query}")`),
    status: 200,
  };
}

function callOf(subject: Subject, feature: Feature): Call | undefined {
  const { path, store, content } = subject;
  const one = [`const { id } = ${store}(service);`];
  switch (feature.kind) {
    case "list":
      return getting(path, `?limit=${feature.maxPageSize}`);
    case "search":
      // What nothing holds is looked for in every record.
      return getting(path, `?q=${wordIn(subject, feature.fields)}`, "?q=nowhere-to-be-found");
    case "sort":
      return getting(path, ...feature.fields.slice(0, 1).map((field) => `?sort=-${field}`));
    case "filter":
      return filterCall(subject, feature);
    case "count":
      return getting(path, `/counts/${feature.field}`);
    case "read":
      return { before: one, calls: [`service.get(\`${path}/\${id}\`)`], status: 200 };
    case "create":
      return { before: [], calls: [`service.post("${path}", ${content})`], status: 201 };
    case "update":
      return updateCall(subject, one);
    case "delete":
      return {
        before: [],
        calls: [`service.delete(\`${path}/\${${store}(service).id}\`)`],
        status: 204,
      };
    default:
      return undefined;
  }
}

function wordIn(subject: Subject, names: readonly string[]): string {
  const fields = names.map((name) => fieldOf(subject.entity, name));
  const field = fields.find(isFree) ?? fields[0];
  return field === undefined ? "1" : sampleWord(field, 1);
}

function filterCall(
  subject: Subject,
  feature: Extract<Feature, { readonly kind: "filter" }>,
): Call | undefined {
  const filter = filtersOf(subject.entity, feature).find(({ field }) => !("entity" in field.type));
  return filter === undefined
    ? undefined
    : getting(subject.path, `?${filter.parameter}=${sampleWord(filter.field, 1)}`);
}

function updateCall(subject: Subject, before: readonly string[]): Call | undefined {
  const field = writableFields(subject.entity).find(
    (one) => one.unique === "no" && mustBeSent(one) && !needsTarget(one) && !("entity" in one.type),
  );
  if (field === undefined) return undefined;
  const changes = `{ ${field.name}: ${subject.content}.${field.name} }`;
  return {
    before,
    calls: [`service.patch(\`${subject.path}/\${id}\`, ${changes})`],
    status: 200,
  };
}

/** Holds a feature to the limits of time that the document sets: on real files, through HTTP, among as many records. */
export function timingChecks(context: CheckContext): readonly Check[] {
  const { feature, model } = context;
  const aspects = (model.qualities ?? []).flatMap((quality) => quality.aspects);
  return aspects.flatMap((aspect) =>
    aspect.kind === "response-time" && isTimedBy(feature, aspect)
      ? timingCheck(subjectOf(context), feature, aspect)
      : [],
  );
}

function timingCheck(subject: Subject, feature: Feature, aspect: ResponseTime): readonly Check[] {
  const call = callOf(subject, feature);
  const unique = subject.entity.fields.filter((field) => field.unique !== "no");
  if (call === undefined || reasonNotToTime(aspect, unique) !== undefined) return [];
  const count = aspect.records ?? defaultRecords;
  const limit = aspect.limitMs;
  const { plural } = subject.entity;
  return [
    {
      key: timingKey(aspect),
      given: `${count} ${plural} in a database on disk`,
      when: `“${feature.title}” is asked for again and again`,
      then: `95 of 100 answers come within ${limit} milliseconds`,
      title: `answers within ${limit} ms among ${count} ${plural}`,
      body: [
        [
          block("await withStoredService(async (service) =>", [
            [
              block("service.database.transaction(() =>", [
                `for (let n = 0; n < ${count}; n += 1) ${subject.store}(service);`,
              ]),
              ");",
            ],
            ...call.before,
            ...call.calls.flatMap((code, index) => timedCall(code, index, limit, call.status)),
          ]),
          ");",
        ],
      ],
    },
  ];
}

function timedCall(code: string, index: number, limitMs: number, status: number): readonly Doc[] {
  const name = index === 0 ? "call" : "otherCall";
  return [
    [
      block(`const ${name} = async () =>`, [
        `const answer = await ${code};`,
        `expect(answer.status).toBe(${status});`,
      ]),
      ";",
    ],
    `expect(await p95OfBestTry(${name}, ${limitMs})).toBeLessThanOrEqual(${limitMs});`,
  ];
}
