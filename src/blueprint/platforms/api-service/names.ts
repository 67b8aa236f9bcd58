import type { Entity, Feature, Field } from "../../model/product-model.ts";

/** Global types that generated files use: an entity of that name would hide them. */
const taken = new Set(["Array", "Date", "Partial", "Promise", "Readonly", "Record", "String"]);

export function pascal(kebab: string): string {
  return kebab
    .split(/[-_\s]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

/** Local names of generated functions: a record's own constant must not be called so. */
const locals = new Set(
  [
    "after answer app body changed changes clock contract content count current database existing",
    "fields id input isDone items known n next now order page params parts query record records removal reply row",
    "selection service sortable table taken time uniques values walk",
  ].flatMap((names) => names.split(" ")),
);

/** `readingTime` -> `ReadingTime`. */
export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .toLowerCase();
}

/** Every name that generated files use for an entity. */
export interface EntityNames {
  readonly type: string;
  readonly input: string;
  readonly changes: string;
  readonly query: string;
  readonly repository: string;
  readonly plural: string;
  readonly variable: string;
  readonly file: string;
}

/** Longer names would make every line that holds them too long. */
const maxNameLength = 28;

/** The words of a PascalCase name that fit. */
function shortened(name: string): string {
  const words = name.match(/[A-Z]?[^A-Z]+|[A-Z]+/g) ?? [name];
  let short = "";
  for (const word of words) {
    if (short.length + word.length > maxNameLength) break;
    short += word;
  }
  return short === "" ? name.slice(0, maxNameLength) : short;
}

export function namesOf(entity: Entity): EntityNames {
  const name = shortened(entity.name);
  const type = taken.has(name) ? `${name}Entry` : name;
  const variable = entity.name === name ? entity.variable : lowerFirst(name);
  return {
    type,
    input: `New${type}`,
    changes: `${type}Changes`,
    query: `${type}Query`,
    repository: `${type}Repository`,
    plural: shortened(pascal(entity.collection)),
    variable: locals.has(variable) ? `${variable}Record` : variable,
    file: kebab(type),
  };
}

/** `a bookmark`, `an entry`. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) && !/^(uni|use|one|eu)/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** The field's words for people. */
export function wordsOf(field: Field): string {
  return field.label === "" ? field.name : field.label;
}

export function operationIdOf(
  entity: Entity,
  feature: Exclude<Feature, { kind: "service" | "access" | "search" | "filter" | "sort" }>,
): string {
  const { type, plural } = namesOf(entity);
  switch (feature.kind) {
    case "create":
      return `create${type}`;
    case "read":
      return `get${type}`;
    case "list":
      return `list${plural}`;
    case "update":
      return `update${type}`;
    case "delete":
      return `delete${type}`;
    case "export":
      return `export${plural}`;
    case "import":
      return `import${plural}`;
    case "action":
      return `${lowerFirst(pascal(feature.action))}${type}`;
    case "count":
      return `count${plural}By${capital(feature.field)}`;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
