import type { Quality } from "./quality.ts";

/**
 * What the reader understood of a requirements document, independent of any platform. Everything a
 * platform emits follows from this model alone. Every part names the sentences it comes from.
 */
export interface ProductModel {
  /** As the document calls the product: "Bookmarks". */
  readonly title: string;
  /** `^[a-z][a-z0-9-]{0,39}$`: package and image name. */
  readonly slug: string;
  readonly summary: string;
  /** An entity stands after those that it refers to, itself and cycles excepted. */
  readonly entities: readonly Entity[];
  readonly access: AccessRule;
  /** In the order in which they are to be built; each stands after its `dependsOn`. */
  readonly features: readonly Feature[];
  readonly notUnderstood: readonly NotUnderstood[];
  readonly context: readonly ContextSentence[];
  /** Requirements on the whole product, taken apart; absent: none. Their sentences are `nonfunctional` context. */
  readonly qualities?: readonly Quality[];
}

export type SentenceIds = readonly string[];

/** A sentence that asks for something that the model cannot hold. */
export interface NotUnderstood {
  readonly sentence: string;
  readonly reason: string;
}

/** A sentence from which nothing is to be built, or which speaks of the whole product. */
export interface ContextSentence {
  readonly sentence: string;
  readonly kind: "background" | "persona" | "nonfunctional" | "assumption" | "out-of-scope";
  readonly reason: string;
}

/** `token`: requests carry `Authorization: Bearer <token>`; `publicReads` leaves reading open to all. */
export type AccessRule =
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly publicReads: boolean; readonly sentences: SentenceIds };

/** Besides its fields every entity has `id` (UUID), `createdAt` and `updatedAt` (ISO 8601, UTC), set by the server. */
export interface Entity {
  /** PascalCase identifier, never a reserved word: `Bookmark`. */
  readonly name: string;
  /** camelCase: `bookmark`. */
  readonly variable: string;
  /** kebab-case plural, the path segment: `bookmarks`. */
  readonly collection: string;
  /** snake_case plural, SQL-safe: `bookmarks`. */
  readonly table: string;
  /** Words for people: `bookmark`, `bookmarks`. */
  readonly singular: string;
  readonly plural: string;
  readonly description: string;
  readonly fields: readonly Field[];
  /** Field names that are unique together. */
  readonly uniqueTogether: readonly (readonly string[])[];
  readonly sentences: SentenceIds;
}

export interface Field {
  /** camelCase JSON property, never `id`, `createdAt`, `updatedAt` or a reserved word. */
  readonly name: string;
  /** snake_case column, SQL-safe. */
  readonly column: string;
  /** As the document calls it: `reading time`. */
  readonly label: string;
  readonly description: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly unique: "no" | "exact" | "ignoring-case";
  /** Value when the client sends none. A JSON scalar or array that the type accepts; `{ now: true }` the time of creation. */
  readonly default: DefaultValue | undefined;
  /** Set by the server only (by actions); clients may not send it. */
  readonly readOnly: boolean;
  readonly sentences: SentenceIds;
}

export type Scalar = string | number | boolean;
export type DefaultValue =
  { readonly kind: "value"; readonly value: Scalar | readonly string[] } | { readonly kind: "now" };

export type FieldType =
  | {
      readonly kind: "text";
      readonly minLength: number | undefined;
      readonly maxLength: number | undefined;
      readonly format: "plain" | "url" | "email" | "phone" | "slug" | "color";
      readonly multiline: boolean;
    }
  | {
      readonly kind: "integer";
      readonly minimum: number | undefined;
      readonly maximum: number | undefined;
    }
  | {
      readonly kind: "decimal";
      readonly minimum: number | undefined;
      readonly maximum: number | undefined;
      /** Digits after the point: 2 for money. */
      readonly decimals: number;
    }
  | { readonly kind: "boolean" }
  /** `YYYY-MM-DD`. */
  | { readonly kind: "date"; readonly relation: "any" | "past-or-today" | "today-or-future" }
  /** ISO 8601 with offset; stored in UTC. */
  | { readonly kind: "datetime" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  /** A list of short texts, such as tags: trimmed, without duplicates. */
  | {
      readonly kind: "labels";
      readonly maxItems: number | undefined;
      readonly maxLength: number | undefined;
      readonly lowercase: boolean;
    }
  /** Id of one other entity. JSON property is `<name>Id`-like as given in `Field.name`. */
  | {
      readonly kind: "reference";
      /** `Entity.name` of the target. */
      readonly entity: string;
      readonly onDelete: "restrict" | "cascade" | "clear";
    }
  /** Ids of any number of another entity. */
  | { readonly kind: "references"; readonly entity: string };

export type FilterOperator = "equals" | "minimum" | "maximum" | "contains" | "includes";

/** One thing the product does; becomes one story, one commit. `id` is unique: `bookmark.create`. */
export type Feature = FeatureBase &
  (
    | { readonly kind: "service" }
    | { readonly kind: "access" }
    | { readonly kind: "create"; readonly entity: string }
    | { readonly kind: "read"; readonly entity: string }
    | {
        readonly kind: "list";
        readonly entity: string;
        readonly defaultPageSize: number;
        readonly maxPageSize: number;
      }
    | { readonly kind: "update"; readonly entity: string }
    | { readonly kind: "delete"; readonly entity: string }
    /** Full text, case-insensitive, over these fields: `?q=`. */
    | { readonly kind: "search"; readonly entity: string; readonly fields: readonly string[] }
    | {
        readonly kind: "filter";
        readonly entity: string;
        readonly filters: readonly { readonly field: string; readonly operator: FilterOperator }[];
      }
    | {
        readonly kind: "sort";
        readonly entity: string;
        /** Field names, or `createdAt` / `updatedAt`. */
        readonly fields: readonly string[];
        readonly default: {
          readonly field: string;
          readonly direction: "ascending" | "descending";
        };
      }
    | {
        readonly kind: "export";
        readonly entity: string;
        readonly formats: readonly ("json" | "csv")[];
      }
    | {
        readonly kind: "import";
        readonly entity: string;
        readonly formats: readonly ("json" | "csv")[];
        /** What happens to a record whose unique field is already taken. */
        readonly duplicates: "skip" | "update" | "reject";
      }
    /** `POST /<collection>/{id}/<action>`: sets fields to fixed values; refused (409) when `unless` holds already. */
    | {
        readonly kind: "action";
        readonly entity: string;
        /** kebab-case verb: `archive`, `mark-as-read`. */
        readonly action: string;
        readonly set: readonly {
          readonly field: string;
          readonly value: Scalar | { readonly now: true };
        }[];
      }
    /** `GET /<collection>/counts/<field>`: how many records for each value of a field. */
    | { readonly kind: "count"; readonly entity: string; readonly field: string }
  );

export interface FeatureBase {
  readonly id: string;
  /** What it is for people: `Create a bookmark`. */
  readonly title: string;
  /** Who wants it, from the document if it says so: `reader`. */
  readonly actor: string;
  /** Why, from the document if it says so. */
  readonly benefit: string;
  readonly dependsOn: readonly string[];
  readonly sentences: SentenceIds;
  readonly priority: "must" | "should" | "could";
}
