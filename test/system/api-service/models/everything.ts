import { entity, features, field, model, plainText } from "./parts.ts";

const label = { ...plainText, minLength: 3, maxLength: 60 } as const;

const person = entity(
  "Person",
  [
    field("name", label, { required: true }),
    field(
      "email",
      { ...plainText, format: "email", maxLength: 120 },
      { required: true, unique: "ignoring-case" },
    ),
    field("phone", { ...plainText, format: "phone" }),
    field("bornOn", { kind: "date", relation: "past-or-today" }),
  ],
  { collection: "people", table: "people", plural: "people" },
);

const order = entity(
  "Order",
  [
    field(
      "number",
      { kind: "integer", minimum: 1, maximum: undefined },
      { required: true, unique: "exact" },
    ),
    field(
      "buyerId",
      { kind: "reference", entity: "Person", onDelete: "restrict" },
      { required: true },
    ),
    field("packerIds", { kind: "references", entity: "Person" }, { label: "packers" }),
    field(
      "total",
      { kind: "decimal", minimum: 0, maximum: 10_000, decimals: 2 },
      { required: true },
    ),
    field("weight", { kind: "decimal", minimum: undefined, maximum: undefined, decimals: 3 }),
    field("dueOn", { kind: "date", relation: "today-or-future" }),
    field("placedAt", { kind: "datetime" }, { default: { kind: "now" } }),
    field("pickedUpAt", { kind: "datetime" }),
    field("express", { kind: "boolean" }),
    field(
      "state",
      { kind: "choice", values: ["new", "in progress", 'it\'s "done"'] },
      { default: { kind: "value", value: "new" }, readOnly: true },
    ),
    field("reference", { ...plainText, format: "slug", maxLength: 30 }),
    field("color", { ...plainText, format: "color" }),
    field("remarks", { ...plainText, multiline: true, maxLength: 5000 }),
    field(
      "labels",
      { kind: "labels", maxItems: 5, maxLength: 12, lowercase: false },
      { required: true },
    ),
    field(
      "limit",
      { kind: "integer", minimum: -10, maximum: 10 },
      { label: "limit", column: "limit_value" },
    ),
    field("countedOn", { kind: "date", relation: "any" }, { default: { kind: "now" } }),
  ],
  {
    description:
      "What somebody buys; it has lines and a very long description that says so in many words.",
  },
);

const orderLine = entity(
  "OrderLine",
  [
    field(
      "orderId",
      { kind: "reference", entity: "Order", onDelete: "cascade" },
      { required: true },
    ),
    field("position", { kind: "integer", minimum: 1, maximum: 99 }, { required: true }),
    field("article", label, { required: true }),
  ],
  { uniqueTogether: [["orderId", "position"]], table: "order_lines", collection: "order-lines" },
);

const record = entity("InternationalStandardsOrganisationMembershipRecord", [
  field("nameOfTheOrganisationInItsOwnLanguage", plainText, {
    required: true,
    unique: "ignoring-case",
  }),
  field("dateOfTheConfirmationOfMembership", { kind: "date", relation: "past-or-today" }),
  field("parentOrganisationRecordId", {
    kind: "reference",
    entity: "InternationalStandardsOrganisationMembershipRecord",
    onDelete: "cascade",
  }),
]);

const lists = { defaultPageSize: 5, maxPageSize: 10 } as const;
const Person = { entity: "Person" } as const;
const Order = { entity: "Order" } as const;
const Line = { entity: "OrderLine" } as const;
const Record = { entity: record.name } as const;

/** Every type, every rule and every feature, with names that are long, reserved or misleading. */
export const everythingModel = model("Everything", {
  entities: [person, order, orderLine, record],
  access: { kind: "token", publicReads: true, sentences: [] },
  features: features([
    { kind: "service" },
    { kind: "access" },
    { kind: "create", ...Person },
    { kind: "list", ...Person, ...lists },
    { kind: "delete", ...Person },
    { kind: "create", ...Order },
    { kind: "read", ...Order },
    { kind: "list", ...Order, ...lists },
    { kind: "search", ...Order, fields: ["remarks", "labels"] },
    {
      kind: "filter",
      ...Order,
      filters: [
        { field: "labels", operator: "includes" },
        { field: "packerIds", operator: "includes" },
        { field: "buyerId", operator: "equals" },
        { field: "state", operator: "equals" },
        { field: "express", operator: "equals" },
        { field: "total", operator: "minimum" },
        { field: "total", operator: "maximum" },
        { field: "dueOn", operator: "minimum" },
        { field: "dueOn", operator: "maximum" },
        { field: "placedAt", operator: "minimum" },
        { field: "remarks", operator: "contains" },
        { field: "reference", operator: "equals" },
        { field: "limit", operator: "equals" },
      ],
    },
    {
      kind: "sort",
      ...Order,
      fields: ["number", "total", "dueOn", "placedAt", "state", "remarks", "express", "updatedAt"],
      default: { field: "number", direction: "ascending" },
    },
    { kind: "update", ...Order },
    { kind: "delete", ...Order },
    {
      kind: "action",
      ...Order,
      action: "finish",
      set: [
        { field: "state", value: 'it\'s "done"' },
        { field: "pickedUpAt", value: { now: true } },
      ],
    },
    { kind: "import", ...Order, formats: ["csv"], duplicates: "update" },
    { kind: "export", ...Order, formats: ["csv"] },
    { kind: "count", ...Order, field: "total" },
    { kind: "count", ...Order, field: "express" },
    { kind: "count", ...Order, field: "labels" },
    { kind: "create", ...Line },
    { kind: "update", ...Line },
    { kind: "import", ...Line, formats: ["json"], duplicates: "reject" },
    { kind: "create", ...Record },
    { kind: "list", ...Record, ...lists },
    {
      kind: "filter",
      ...Record,
      filters: [
        { field: "nameOfTheOrganisationInItsOwnLanguage", operator: "contains" },
        { field: "dateOfTheConfirmationOfMembership", operator: "maximum" },
      ],
    },
    {
      kind: "sort",
      ...Record,
      fields: ["nameOfTheOrganisationInItsOwnLanguage"],
      default: { field: "nameOfTheOrganisationInItsOwnLanguage", direction: "descending" },
    },
    { kind: "update", ...Record },
    { kind: "delete", ...Record },
    { kind: "import", ...Record, formats: ["json", "csv"], duplicates: "skip" },
    { kind: "export", ...Record, formats: ["json"] },
  ]),
});
