import { entity, features, field, model, plainText } from "./parts.ts";

const title = { ...plainText, maxLength: 200 } as const;

const folder = entity("Folder", [
  field("name", { ...title, maxLength: 80 }, { required: true, unique: "ignoring-case" }),
  field("parentId", { kind: "reference", entity: "Folder", onDelete: "restrict" }),
]);

const bookmark = entity("Bookmark", [
  field("title", title, { required: true }),
  field(
    "url",
    { ...plainText, format: "url", maxLength: 2000 },
    { required: true, unique: "exact" },
  ),
  field("notes", { ...plainText, maxLength: 2000, multiline: true }),
  field("tags", { kind: "labels", maxItems: 20, maxLength: 40, lowercase: true }),
  field("folderId", { kind: "reference", entity: "Folder", onDelete: "clear" }),
  field(
    "status",
    { kind: "choice", values: ["unread", "reading", "read"] },
    { default: { kind: "value", value: "unread" } },
  ),
  field("favourite", { kind: "boolean" }, { default: { kind: "value", value: false } }),
  field("rating", { kind: "integer", minimum: 1, maximum: 5 }),
  field("archivedAt", { kind: "datetime" }, { readOnly: true }),
]);

const lists = { defaultPageSize: 20, maxPageSize: 100 } as const;
const Folder = { entity: "Folder" } as const;
const Bookmark = { entity: "Bookmark" } as const;

/** Bookmarks with folders, tags and everything that people ask of such a service. */
export const bookmarksModel = model("Bookmarks", {
  entities: [folder, bookmark],
  access: { kind: "token", publicReads: false, sentences: [] },
  features: features([
    { kind: "service" },
    { kind: "access" },
    { kind: "create", ...Folder },
    { kind: "read", ...Folder },
    { kind: "list", ...Folder, ...lists },
    { kind: "update", ...Folder },
    { kind: "delete", ...Folder },
    { kind: "create", ...Bookmark },
    { kind: "read", ...Bookmark },
    { kind: "list", ...Bookmark, ...lists },
    { kind: "search", ...Bookmark, fields: ["title", "notes", "tags"] },
    {
      kind: "filter",
      ...Bookmark,
      filters: [
        { field: "tags", operator: "includes" },
        { field: "status", operator: "equals" },
        { field: "favourite", operator: "equals" },
        { field: "folderId", operator: "equals" },
        { field: "rating", operator: "minimum" },
      ],
    },
    {
      kind: "sort",
      ...Bookmark,
      fields: ["createdAt", "title", "rating", "status"],
      default: { field: "createdAt", direction: "descending" },
    },
    { kind: "update", ...Bookmark },
    { kind: "delete", ...Bookmark },
    {
      kind: "action",
      ...Bookmark,
      action: "mark-as-read",
      set: [{ field: "status", value: "read" }],
    },
    {
      kind: "action",
      ...Bookmark,
      action: "archive",
      set: [{ field: "archivedAt", value: { now: true } }],
    },
    { kind: "import", ...Bookmark, formats: ["json", "csv"], duplicates: "skip" },
    { kind: "export", ...Bookmark, formats: ["json", "csv"] },
    { kind: "count", ...Bookmark, field: "tags" },
    { kind: "count", ...Bookmark, field: "status" },
  ]),
});
