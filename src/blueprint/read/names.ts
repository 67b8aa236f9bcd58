import pluralize from "pluralize";

const maxNameLength = 40;

const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
};

/** The ASCII words of a label, lower case; empty when it has none (then nothing can be named after it). */
export function asciiWords(label: string): readonly string[] {
  const ascii = label
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþ]/g, (letter) => letters[letter] ?? "")
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/['’]s?(?=\s|$)/g, "")
    .replaceAll(/[^a-z0-9]+/g, " ")
    .trim()
    .slice(0, maxNameLength)
    .trim();
  if (ascii === "") return [];
  const words = ascii.split(" ");
  return /^\d/.test(words[0] ?? "") ? ["n", ...words] : words;
}

/** True when letters of the label would be lost: then two labels may look like one. */
export function losesLetters(label: string): boolean {
  const kept = label.normalize("NFD").replaceAll(/[\p{M}ßæœøłđðþ]/giu, "");
  return /[^\p{ASCII}]/u.test(kept.replaceAll(/[^\p{L}]/gu, ""));
}

const jsReserved = new Set(
  (
    "arguments await break case catch class const constructor continue debugger default delete do else enum eval export " +
    "extends false finally for function if implements import in instanceof interface let new null package private " +
    "protected prototype public return static super switch this throw true try typeof undefined var void while with " +
    "yield proto tostring valueof hasownproperty isprototypeof tolocalestring propertyisenumerable tojson then"
  ).split(" "),
);
const ownNames = new Set(["id", "createdAt", "updatedAt"]);
const globals = new Set(
  (
    "Object Array Function String Number Boolean Symbol Date Map Set Promise Error Record Proxy Buffer Request " +
    "Response Process Reflect Math Json Intl Iterator Module Database Schema App Server Route Router"
  ).split(" "),
);
const sqlReserved = new Set(
  (
    "abort action add after all alter always analyze and as asc attach autoincrement before begin between by " +
    "cascade case cast check collate column commit conflict constraint create cross current current_date " +
    "current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop each " +
    "else end escape except exclude exclusive exists explain fail filter first following for foreign from full " +
    "generated glob group groups having if ignore immediate in index indexed initially inner insert instead " +
    "intersect into is isnull join key last left like limit match materialized natural no not nothing notnull null " +
    "nulls of offset on or order others outer over partition plan pragma preceding primary query raise range " +
    "recursive references regexp reindex release rename replace restrict returning right rollback row rowid rows " +
    "oid savepoint select set table temp temporary then ties to transaction trigger unbounded union unique update " +
    "user using vacuum values view virtual when where window with without created_at updated_at id"
  ).split(" "),
);
/** Paths of the service itself. */
const servedPaths = new Set(["healthz", "readyz", "metrics", "openapi", "docs", "migrations"]);

function pascal(words: readonly string[]): string {
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

function camel(words: readonly string[]): string {
  const name = pascal(words);
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** Identifiers and words of one entity, as in the model. */
export interface EntityNames {
  readonly name: string;
  readonly variable: string;
  readonly collection: string;
  readonly table: string;
  readonly singular: string;
  readonly plural: string;
}

/** Identifiers of an entity from its singular words; undefined when no ASCII identifier can be made. `taken`: entity names in use. */
export function entityNames(singular: string, taken: ReadonlySet<string>): EntityNames | undefined {
  const plain = asciiWords(singular);
  if (plain.length === 0) return undefined;
  const reserved =
    jsReserved.has(plain.join("")) || globals.has(pascal(plain)) || /^sqlite/.test(plain[0] ?? "");
  let words = reserved ? [...plain, "entry"] : plain;
  for (let number = 2; taken.has(pascal(words)); number += 1) words = [...plain, `${number}`];
  const plurals = [...words.slice(0, -1), pluralOf(words.at(-1) ?? "")];
  const collides = servedPaths.has(plurals.join("-")) || sqlReserved.has(plurals.join("_"));
  const safePlurals = collides ? [...words, "records"] : plurals;
  return {
    name: pascal(words),
    variable: camel(words),
    collection: safePlurals.join("-"),
    table: safePlurals.join("_"),
    singular,
    plural: pluralLabel(singular),
  };
}

/** JSON property and column of one field. */
export interface FieldNames {
  readonly name: string;
  readonly column: string;
}

/** Identifiers of a field from its label; reserved words get the entity's name in front. `suffix`: `Id` for references. */
export function fieldNames(
  label: string,
  suffix: "" | "Id" | "Ids",
  entityVariable: string,
  taken: ReadonlySet<string>,
): FieldNames | undefined {
  const plain = asciiWords(label);
  if (plain.length === 0) return undefined;
  const tail = suffix === "" ? [] : [suffix.toLowerCase()];
  const free = (words: readonly string[]): boolean => {
    const name = camel(words);
    return !jsReserved.has(name.toLowerCase()) && !ownNames.has(name) && !taken.has(name);
  };
  const owner = entityVariable
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .split(" ");
  let words = [...plain, ...tail];
  if (!free(words)) words = [...owner, ...plain, ...tail];
  for (let number = 2; !free(words); number += 1) words = [...plain, `${number}`, ...tail];
  const column = words.join("_");
  return {
    name: camel(words),
    column:
      sqlReserved.has(column) || /^sqlite_/.test(column) ? `${owner.join("_")}_${column}` : column,
  };
}

/** `^[a-z][a-z0-9-]{0,39}$`. */
export function slugOf(title: string): string {
  const slug = asciiWords(title).join("-").slice(0, maxNameLength).replace(/-+$/, "");
  return /^[a-z]/.test(slug) ? slug : "product";
}

// Words that the plural rules of English get wrong, or that name one thing in the plural.
const uncountable = new Set([
  "status",
  "address",
  "canvas",
  "bus",
  "lens",
  "bonus",
  "campus",
  "virus",
  "atlas",
  "iris",
  "chess",
  "class",
  "process",
  "business",
  "news",
  "series",
]);

// The same words come up at every place where a name could begin; asking the plural rules each time
// takes most of a reading. Forgotten as a whole when full, so that hostile text cannot fill the memory.
const maxRemembered = 10_000;
const singulars = new Map<string, string>();

/** Singular of an English noun, lower case; words that are no plural stay. */
export function singularOf(word: string): string {
  const known = singulars.get(word);
  if (known !== undefined) return known;
  const singular = uncountable.has(word) ? word : pluralize.singular(word);
  if (singulars.size >= maxRemembered) singulars.clear();
  singulars.set(word, singular);
  return singular;
}

/** Plural of an English noun, lower case. */
export function pluralOf(word: string): string {
  return word === "" ? word : pluralize.plural(word);
}

/** `loan record` -> `loan records`. */
export function pluralLabel(singular: string): string {
  const words = singular.split(" ");
  return [...words.slice(0, -1), pluralOf(words.at(-1) ?? "")].join(" ");
}

/** The text with a capital first letter. */
export function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `a bookmark`, `an item`. */
export function indefinite(noun: string): string {
  const vowel = /^[aeiou]/i.test(noun) && !/^(uni|use|eu|one|ut[ie])/i.test(noun);
  return `${vowel ? "an" : "a"} ${noun}`;
}

/** True for a noun that has another singular. */
export function isPlural(word: string): boolean {
  return singularOf(word) !== word;
}
