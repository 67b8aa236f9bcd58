import type { Feature, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { print } from "../code/doc.ts";
import { literal, object } from "../code/typescript.ts";
import { factoryNames } from "../emit/factories.ts";
import { kebab, wordsOf } from "../names.ts";
import { sampleOf } from "../samples.ts";
import type { Filter } from "../scope.ts";
import { entityOf, fieldOf, filtersOf, targetOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { subjectOf } from "./parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

function codeOf(value: string | number | boolean | readonly string[]): string {
  return print(literal(value), Infinity).trimEnd();
}

/** `const a = storeBookmark(service, { title: "..." });` */
function storing(subject: Subject, name: string, members: readonly Doc[]): Doc {
  return [`const ${name} = ${subject.store}(service, `, object(members), ");"];
}

function given(subject: Subject, members: readonly Doc[]): Doc {
  return [`${subject.store}(service, `, object(members), ");"];
}

function find(subject: Subject, query: string): string {
  return `await idsOf(service, \`${subject.path}?${query}\`)`;
}

/** A text field's value that holds `text`; labels are lists. */
function holding(field: Field, text: string): string {
  return field.type.kind === "labels" ? codeOf([text]) : codeOf(text);
}

function searchCheck(subject: Subject, field: Field, fields: readonly Field[]): Check {
  const others = fields.filter((one) => one.name !== field.name);
  const empty = others.flatMap((one) =>
    one.type.kind === "labels" ? [`${one.name}: []`] : [`${one.name}: "none"`],
  );
  return {
    key: `finds-in-${kebab(field.name)}`,
    given: `${subject.one} with a word in its ${wordsOf(field)}`,
    when: "the word is searched for, in other case or without its accents",
    then: "it is found, and others are not",
    title: `finds words in ${wordsOf(field)}, whatever their case and accents`,
    body: [
      storing(subject, "wanted", [`${field.name}: ${holding(field, "Crème Brûlée")}`, ...empty]),
      given(subject, [`${field.name}: ${holding(field, "apple pie")}`, ...empty]),
      `expect(${find(subject, "q=BRÛLÉE")}).toEqual([wanted.id]);`,
      `expect(${find(subject, "q=creme")}).toEqual([wanted.id]);`,
      `expect(${find(subject, "q=brulee+creme")}).toEqual([wanted.id]);`,
      `expect(${find(subject, "q=creme+apple")}).toEqual([]);`,
    ],
  };
}

/** What searching must find and must not. */
export function searchChecks(context: CheckContext, feature: Of<"search">): readonly Check[] {
  const subject = subjectOf(context);
  const fields = feature.fields.map((name) => fieldOf(subject.entity, name));
  const [first] = fields;
  if (first === undefined) return [];
  const { name } = first;
  return [
    ...fields.map((field) => searchCheck(subject, field, fields)),
    {
      key: "takes-signs-literally",
      given: `${subject.entity.plural} with %, _ and quotes in their text`,
      when: "one of these signs is searched for",
      then: "only those that hold it are found",
      title: "takes %, _ and quotes for what they are",
      body: [
        storing(subject, "percent", [`${name}: ${holding(first, "100% sure")}`]),
        storing(subject, "underscore", [`${name}: ${holding(first, "snake_case")}`]),
        [
          "const quotes = ",
          `${subject.store}(service, { ${name}: `,
          first.type.kind === "labels" ? '[`it\'s "so"`]' : '`it\'s "so"`',
          " });",
        ],
        `expect(${find(subject, "q=%25")}).toEqual([percent.id]);`,
        `expect(${find(subject, "q=_")}).toEqual([underscore.id]);`,
        `expect(${find(subject, "q='s")}).toEqual([quotes.id]);`,
      ],
    },
    {
      key: "refuses-empty-search",
      given: `${subject.entity.plural} exist`,
      when: "the search has no text, or too much",
      then: "the answer is 400 and names q; a search that finds nothing is an empty list",
      title: "refuses a search for nothing",
      body: [
        `expect(${find(subject, "q=zzzzzz")}).toEqual([]);`,
        `expectProblem(await service.get("${subject.path}?q="), 400, "q");`,
        `expectProblem(await service.get(\`${subject.path}?q=\${"x".repeat(201)}\`), 400, "q");`,
      ],
    },
  ];
}

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

const accented = ["apple", "Éclair", "zebra"] as const;

/** Three values in ascending order, as code; two for flags. */
function ascending(field: Field): readonly string[] {
  const { type } = field;
  if (type.kind === "text" && type.format === "plain" && (type.minLength ?? 0) < 5)
    return accented.map(codeOf);
  if (type.kind === "boolean") return ["false", "true"];
  if (type.kind === "choice") return type.values.slice(0, 3).map(codeOf);
  const values = [1, 2, 3].flatMap((n) => sampleOf(field, n) ?? []);
  return [...new Set(values.map(codeOf))];
}

function sortValues(subject: Subject, name: string): readonly string[] {
  if (name === "createdAt" || name === "updatedAt")
    return [1, 2, 3].map((day) => `"2026-01-0${day}T00:00:00.000Z"`);
  return ascending(fieldOf(subject.entity, name));
}

function sortCheck(subject: Subject, name: string): Check {
  const values = sortValues(subject, name);
  const places = ["first", "second", "third"].slice(0, values.length);
  // Stored out of order: the order of creation must not pass for sorted.
  const stored = places
    .map((place, index) => storing(subject, place, [`${name}: ${values[index] ?? ""}`]))
    .toReversed();
  return {
    key: `sorts-by-${kebab(name)}`,
    given: `${subject.entity.plural} with different ${name}`,
    when: `the list is sorted by ${name}, up and down`,
    then: "they come in that order; texts without regard to case and accents, choices as listed",
    title: `sorts by ${name} in both directions`,
    body: [
      ...stored,
      `const ids = [${places.map((place) => `${place}.id`).join(", ")}];`,
      `expect(await idsOf(service, "${subject.path}?sort=${name}")).toEqual(ids);`,
      `const down = await idsOf(service, "${subject.path}?sort=-${name}");`,
      "expect(down).toEqual(ids.toReversed());",
    ],
  };
}

/** What sorting must do and refuse. */
export function sortChecks(context: CheckContext, feature: Of<"sort">): readonly Check[] {
  const subject = subjectOf(context);
  const first = feature.default;
  const values = sortValues(subject, first.field);
  const order = first.direction === "descending" ? "ids.toReversed()" : "ids";
  const walked = feature.fields.map((name) => `-${name}`).join(",");
  return [
    ...feature.fields.map((name) => sortCheck(subject, name)),
    {
      key: "sorts-by-default",
      given: `${subject.entity.plural} with different ${first.field}`,
      when: "the list is asked for without an order",
      then: `it is sorted by ${first.field}, ${first.direction}, and says so in the API document`,
      title: `sorts by ${first.field}, ${first.direction}, unless told otherwise`,
      body: [
        storing(subject, "second", [`${first.field}: ${values[1] ?? ""}`]),
        storing(subject, "first", [`${first.field}: ${values[0] ?? ""}`]),
        "const ids = [first.id, second.id];",
        `expect(await idsOf(service, "${subject.path}")).toEqual(${order});`,
        `const asked = await idsOf(service, "${subject.path}?sort=${first.direction === "descending" ? "-" : ""}${first.field}");`,
        `expect(asked).toEqual(${order});`,
      ],
    },
    {
      key: "walks-sorted-pages",
      given: `more ${subject.entity.plural} than fit on a page, some alike and some without a value`,
      when: "the pages of a sorted list are walked",
      then: "each is seen exactly once, in the order of the whole list",
      title: "walks sorted pages without loss or repetition",
      body: [
        `for (let index = 0; index < 7; index += 1) ${subject.store}(service);`,
        `const whole = await idsOf(service, "${subject.path}?sort=${walked}");`,
        "const seen: string[] = [];",
        `const pages = walk<${subject.type}>(service, "${subject.path}?limit=2&sort=${walked}");`,
        "for await (const items of pages) seen.push(...items.map(({ id }) => id));",
        "expect(seen).toEqual(whole);",
        "expect(new Set(seen).size).toBe(7);",
      ],
    },
    {
      key: "refuses-unknown-order",
      given: "a field that cannot be sorted by",
      when: "the list is sorted by it",
      then: "the answer is 400 and names sort; a cursor of another order is refused, too",
      title: "refuses orders that it does not know",
      body: [
        `${subject.store}(service);`,
        `${subject.store}(service);`,
        `const page = await service.get<PageOf<${subject.type}>>("${subject.path}?limit=1&sort=${first.field}");`,
        "const cursor = page.body.nextCursor;",
        `const other = \`${subject.path}?sort=-${first.field}&cursor=\${cursor}\`;`,
        'expectProblem(await service.get(other), 400, "cursor");',
        `expectProblem(await service.get("${subject.path}?sort=unknown"), 400, "sort");`,
      ],
    },
  ];
}
