import type { Feature } from "../../../model/product-model.ts";
import { factoryNames } from "../emit/factories.ts";
import { kebab, wordsOf } from "../names.ts";
import { sampleOf } from "../samples.ts";
import type { Filter } from "../scope.ts";
import { entityOf, filtersOf, targetOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { codeOf, find, given, storing } from "./finding.ts";
import type { Subject } from "./parts.ts";
import { subjectOf } from "./parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

interface FilterCase {
  /** Code of the values of the record that is found and of the one that is not. */
  readonly wanted: string;
  readonly other: string;
  /** What stands after `parameter=` in a template literal. */
  readonly asked: string;
}

function filterCase(filter: Filter): FilterCase | undefined {
  const { field, operator } = filter;
  const [low, high] = [sampleOf(field, 1), sampleOf(field, 2)];
  if (low === undefined || high === undefined) return undefined;
  const ask = (value: typeof low): string =>
    encodeURIComponent(typeof value === "object" ? (value[0] ?? "") : String(value));
  switch (operator) {
    case "minimum":
      return { wanted: codeOf(high), other: codeOf(low), asked: ask(high) };
    case "maximum":
      return { wanted: codeOf(low), other: codeOf(high), asked: ask(low) };
    case "contains":
      return {
        wanted: codeOf("Crème 100% x"),
        other: codeOf("apple pie"),
        asked: "CREME%20100%25",
      };
    case "equals":
    case "includes":
      return { wanted: codeOf(low), other: codeOf(high), asked: ask(low) };
  }
}

function referenceFilterCheck(context: CheckContext, subject: Subject, filter: Filter): Check {
  const { field, parameter } = filter;
  const target = entityOf(context.model, targetOf(field) ?? "");
  const value = (id: string): string => (field.type.kind === "references" ? `[${id}]` : id);
  return {
    ...filterWords(subject, filter),
    body: [
      `const one = ${factoryNames(target).store}(service);`,
      `const two = ${factoryNames(target).store}(service);`,
      storing(subject, "wanted", [`${field.name}: ${value("one.id")}`]),
      given(subject, [`${field.name}: ${value("two.id")}`]),
      `expect(${find(subject, `${parameter}=\${one.id}`)}).toEqual([wanted.id]);`,
      `expectProblem(await service.get("${subject.path}?${parameter}=x"), 400, "${parameter}${field.type.kind === "references" ? "/0" : ""}");`,
    ],
  };
}

function filterWords(
  subject: Subject,
  { parameter, field, operator }: Filter,
): Omit<Check, "body"> {
  const words = {
    equals: `with this ${wordsOf(field)}`,
    includes: `that have it among their ${wordsOf(field)}`,
    contains: `with this text in ${wordsOf(field)}`,
    minimum: `with this ${wordsOf(field)} or a later or greater one`,
    maximum: `with this ${wordsOf(field)} or an earlier or smaller one`,
  }[operator];
  return {
    key: `filters-by-${kebab(parameter)}`,
    given: `${subject.entity.plural} that differ in ${wordsOf(field)}`,
    when: `the list is asked for with \`${parameter}\``,
    then: `only ${subject.entity.plural} ${words} come`,
    title: `lists only ${subject.entity.plural} ${words}`,
  };
}

function filterCheck(context: CheckContext, subject: Subject, filter: Filter): readonly Check[] {
  if (targetOf(filter.field) !== undefined) return [referenceFilterCheck(context, subject, filter)];
  const one = filterCase(filter);
  if (one === undefined) return [];
  const { field, parameter } = filter;
  return [
    {
      ...filterWords(subject, filter),
      body: [
        storing(subject, "wanted", [`${field.name}: ${one.wanted}`]),
        given(subject, [`${field.name}: ${one.other}`]),
        `expect(${find(subject, `${parameter}=${one.asked}`)}).toEqual([wanted.id]);`,
        ...badFilter(subject, filter),
      ],
    },
  ];
}

/** Types whose filter can be malformed. */
function badFilter(subject: Subject, { field, parameter, operator }: Filter): readonly string[] {
  const { kind } = field.type;
  if (operator === "contains" || kind === "text" || kind === "labels") return [];
  return [
    `const refused = await service.get("${subject.path}?${parameter}=not-valid");`,
    `expectProblem(refused, 400, "${parameter}");`,
  ];
}

/** What filtering must find and refuse. */
export function filterChecks(context: CheckContext, feature: Of<"filter">): readonly Check[] {
  const subject = subjectOf(context);
  return filtersOf(subject.entity, feature).flatMap((filter) =>
    filterCheck(context, subject, filter),
  );
}
