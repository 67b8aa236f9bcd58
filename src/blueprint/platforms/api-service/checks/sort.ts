import type { Feature, Field } from "../../../model/product-model.ts";
import { kebab } from "../names.ts";
import { sampleOf } from "../samples.ts";
import { fieldOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import { codeOf, isFree, storing } from "./finding.ts";
import type { Subject } from "./parts.ts";
import { subjectOf } from "./parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

const accented = ["apple", "Éclair", "zebra"] as const;

/** Three values in ascending order, as code; two for flags. */
function ascending(field: Field): readonly string[] {
  const { type } = field;
  if (type.kind === "text" && isFree(field)) return accented.map(codeOf);
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

function defaultOrderCheck(subject: Subject, feature: Of<"sort">): readonly Check[] {
  const first = feature.default;
  const values = sortValues(subject, first.field);
  // One value has no order.
  if (values.length < 2) return [];
  const order = first.direction === "descending" ? "ids.toReversed()" : "ids";
  return [
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
  ];
}

/** What sorting must do and refuse. */
export function sortChecks(context: CheckContext, feature: Of<"sort">): readonly Check[] {
  const subject = subjectOf(context);
  const first = feature.default;
  const largest = subject.own.list?.maxPageSize ?? 1;
  const count = Math.min(7, largest);
  const walked = feature.fields.map((name) => `-${name}`).join(",");
  return [
    ...feature.fields.map((name) => sortCheck(subject, name)),
    ...defaultOrderCheck(subject, feature),
    {
      key: "walks-sorted-pages",
      given: `more ${subject.entity.plural} than fit on a page, some alike and some without a value`,
      when: "the pages of a sorted list are walked",
      then: "each is seen exactly once, in the order of the whole list",
      title: "walks sorted pages without loss or repetition",
      body: [
        `for (let index = 0; index < ${count}; index += 1) ${subject.store}(service);`,
        `const whole = await idsOf(service, "${subject.path}?limit=${largest}&sort=${walked}");`,
        "const seen: string[] = [];",
        `const pages = walk<${subject.type}>(service, "${subject.path}?limit=${count > 2 ? 2 : 1}&sort=${walked}");`,
        "for await (const items of pages) seen.push(...items.map(({ id }) => id));",
        "expect(seen).toEqual(whole);",
        `expect(new Set(seen).size).toBe(${count});`,
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
