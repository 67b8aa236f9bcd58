import type { Feature } from "../../../model/product-model.ts";
import type { JsonSchema } from "../field-schema.ts";
import { valueSchema } from "../field-schema.ts";
import { wordsOf } from "../names.ts";
import type { EntityScope, Filter } from "../scope.ts";
import { fieldOf } from "../scope.ts";
import type { Part } from "./openapi-parts.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** A parameter of the query string. */
export function query(name: string, description: string, schema: JsonSchema): Part {
  return { name, in: "query", description, schema };
}

/** What a list takes: paging, and the search, filters and order that are asked for. */
export function listParameters(own: EntityScope, feature: Of<"list">): readonly Part[] {
  const { search, sort } = own;
  return [
    query("limit", "How many to return at most.", {
      type: "integer",
      minimum: 1,
      maximum: feature.maxPageSize,
      default: feature.defaultPageSize,
    }),
    query("cursor", "`nextCursor` of the page before.", { type: "string", maxLength: 4096 }),
    ...(search === undefined
      ? []
      : [
          query(
            "q",
            `Words to look for in ${search.fields.map((name) => wordsOf(fieldOf(own.entity, name))).join(", ")}; case and accents do not matter.`,
            { type: "string", minLength: 1, maxLength: 200 },
          ),
        ]),
    ...own.filters.map(filterParameter),
    ...(sort === undefined ? [] : [sortParameter(sort)]),
  ];
}

function sortParameter(sort: Of<"sort">): Part {
  const names = sort.fields.join("|");
  const first = `${sort.default.direction === "descending" ? "-" : ""}${sort.default.field}`;
  return query("sort", "Fields to sort by, `-` before a field for descending.", {
    type: "string",
    pattern: `^-?(${names})(,-?(${names}))*$`,
    maxLength: 500,
    default: first,
  });
}

function filterParameter({ field, operator, parameter }: Filter): Part {
  const words = wordsOf(field);
  const schema = valueSchema(field);
  switch (operator) {
    case "minimum":
      return query(parameter, `Least ${words}.`, schema);
    case "maximum":
      return query(parameter, `Greatest ${words}.`, schema);
    case "contains":
      return query(parameter, `Text that ${words} contains; case and accents do not matter.`, {
        type: "string",
        minLength: 1,
        maxLength: 200,
      });
    case "includes":
      return query(parameter, `A value that ${words} must include; repeat it for several.`, schema);
    case "equals":
      return query(parameter, `The ${words} to look for.`, schema);
  }
}
