import { afterEach, beforeEach, describe, expect, it } from "vitest";
import Libsql from "libsql";
import type {
  Entity,
  Feature,
  Field,
  ProductModel,
} from "../../../src/blueprint/model/product-model.ts";
import {
  historyOf,
  type Migration,
  type SchemaHistory,
} from "../../../src/blueprint/platforms/api-service/schema/history.ts";
import { scopeOf } from "../../../src/blueprint/platforms/api-service/scope.ts";
import { entity, features, field, model, plainText } from "./models/parts.ts";

const title = field("title", plainText, { required: true });
const shelf = entity("Shelf", [field("name", plainText, { required: true })], {
  collection: "shelves",
  table: "shelves",
  plural: "shelves",
});

function productOf(book: Entity, more: readonly Feature[] = []): ProductModel {
  const built = features([
    { kind: "create", entity: "Shelf" },
    { kind: "create", entity: "Book" },
    { kind: "list", entity: "Book", defaultPageSize: 20, maxPageSize: 100 },
  ]);
  return model("Books", {
    entities: [shelf, book],
    access: { kind: "open" },
    features: [...built, ...more],
  });
}

function bookOf(...fields: readonly Field[]): Entity {
  return entity("Book", [title, ...fields]);
}

function schemaOf(product: ProductModel, released?: SchemaHistory): SchemaHistory {
  return historyOf(scopeOf(product, product.features), released);
}

describe("changes of a schema that holds data", () => {
  let database: Libsql.Database;

  beforeEach(() => {
    database = new Libsql(":memory:");
  });
  afterEach(() => {
    database.close();
  });

  function apply(migrations: readonly Migration[]): void {
    for (const { guards, sql } of migrations) {
      for (const { count, says } of guards) {
        const { rows } = database.prepare(count).get() as { rows: number };
        if (rows > 0) throw new Error(`${String(rows)} ${says}`);
      }
      if (sql.length > 0) database.exec(sql.join("\n"));
    }
  }

  function added(product: ProductModel, released: SchemaHistory): readonly Migration[] {
    const next = schemaOf(product, released);
    expect(next.migrations.slice(0, released.migrations.length)).toEqual(released.migrations);
    return next.migrations.slice(released.migrations.length);
  }

  /** The first schema, with one book of each title. */
  function released(book: Entity, ...rows: readonly Record<string, string | number | null>[]) {
    const history = schemaOf(productOf(book));
    apply(history.migrations);
    for (const [index, row] of rows.entries()) {
      const whole = {
        id: String(index),
        ...row,
        created_at: "2026-01-02T03:04:05Z",
        updated_at: "",
      };
      const names = Object.keys(whole);
      database
        .prepare(
          `INSERT INTO books (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
        )
        .run(...Object.values(whole));
    }
    return history;
  }

  const books = () => database.prepare("SELECT * FROM books").all() as Record<string, unknown>[];

  it("adds nothing when nothing changed", () => {
    const history = schemaOf(productOf(bookOf()));
    expect(added(productOf(bookOf()), history)).toEqual([]);
  });

  it("adds fields that may be empty or have a default in place", () => {
    const history = released(bookOf(), { title: "a" });
    const next = bookOf(
      field("colour", plainText),
      field(
        "pages",
        { kind: "integer", minimum: 1, maximum: undefined },
        {
          required: true,
          default: { kind: "value", value: 7 },
        },
      ),
      field("read", { kind: "boolean" }, { default: { kind: "value", value: false } }),
      field("tags", { kind: "labels", maxItems: 3, maxLength: 9, lowercase: true }),
      field("price", { kind: "decimal", minimum: 0, maximum: undefined, decimals: 2 }),
      field("shelfId", { kind: "reference", entity: "Shelf", onDelete: "clear" }),
    );
    const steps = added(productOf(next), history);
    expect(steps.flatMap(({ sql }) => sql).join("\n")).not.toContain("DROP TABLE");
    apply(steps);
    expect(books()[0]).toMatchObject({
      title: "a",
      colour: null,
      pages: 7,
      read: 0,
      tags: "[]",
      price: null,
      shelf_id: null,
    });
  });

  it("gives a field that is set at creation the time of creation", () => {
    const history = released(bookOf(), { title: "a" });
    const date = { kind: "date", relation: "any" } as const;
    apply(added(productOf(bookOf(field("boughtOn", date, { default: { kind: "now" } }))), history));
    expect(books()).toMatchObject([{ title: "a", bought_on: "2026-01-02" }]);
  });

  it("refuses a required field that no stored record has, unless there is none", () => {
    const author = field("author", plainText, { required: true });
    const history = released(bookOf(), { title: "a" }, { title: "b" });
    const steps = added(productOf(bookOf(author)), history);
    expect(() => {
      apply(steps);
    }).toThrow("2 books have no author, which is required now");
    database.exec("DELETE FROM books");
    apply(steps);
    expect(() => {
      database.exec(
        "INSERT INTO books (id, title, created_at, updated_at) VALUES ('x', 'x', '', '')",
      );
    }).toThrow("NOT NULL");
  });

  it("refuses records that were fine and are the same now, and choices that are gone", () => {
    const choice = (...values: readonly string[]) => field("size", { kind: "choice", values });
    const history = released(
      bookOf(choice("small", "large")),
      { title: "a", size: "small" },
      { title: "a", size: "large" },
    );
    const unique = entity("Book", [{ ...title, unique: "exact" }, choice("small", "large")]);
    expect(() => {
      apply(added(productOf(unique), history));
    }).toThrow("2 books have the same title as another, which must be unique now");
    expect(() => {
      apply(added(productOf(bookOf(choice("small"))), history));
    }).toThrow("1 books have a size that is not what it has to be now: one of 'small'");
    apply(added(productOf(bookOf(choice("small", "large", "huge"))), history));
    expect(books()).toMatchObject([{ size: "small" }, { size: "large" }]);
  });

  it("keeps what is stored in a field that is gone, and asks for it no more", () => {
    const shelfId = field(
      "shelfId",
      { kind: "reference", entity: "Shelf", onDelete: "restrict" },
      { required: true },
    );
    const history = schemaOf(productOf(bookOf(shelfId)));
    apply(history.migrations);
    database.exec(`INSERT INTO shelves (id, name, created_at, updated_at) VALUES ('s', 's', '', '');
      INSERT INTO books (id, title, shelf_id, created_at, updated_at) VALUES ('b', 'b', 's', '', '')`);
    apply(added(productOf(bookOf()), history));
    database.exec(`DELETE FROM shelves;
      INSERT INTO books (id, title, created_at, updated_at) VALUES ('c', 'c', '', '')`);
    expect(books()).toMatchObject([{ shelf_id: "s" }, { shelf_id: null }]);
  });

  it("moves numbers to their new unit, and refuses values that mean something else", () => {
    const price = (decimals: number) =>
      field("price", { kind: "decimal", minimum: undefined, maximum: undefined, decimals });
    const history = released(bookOf(price(2)), { title: "a", price: 1999 });
    const labels = field("price", { kind: "labels", maxItems: 3, maxLength: 9, lowercase: false });
    expect(() => {
      apply(added(productOf(bookOf(labels)), history));
    }).toThrow("1 books have a price that is not what it has to be now: labels");
    apply(added(productOf(bookOf(price(3))), history));
    expect(books()).toMatchObject([{ price: 19990 }]);
  });

  it("fills what searching compares again when it searches other fields, or was away", () => {
    const search = (...fields: readonly string[]) =>
      features([{ kind: "search", entity: "Book", fields }]);
    const book = bookOf(field("notes", plainText));
    const first = schemaOf(productOf(book, search("title")));
    const without = schemaOf(productOf(book), first);
    expect(without.migrations).toEqual(first.migrations);
    const [again] = added(productOf(book, search("title")), schemaOf(productOf(bookOf()), first));
    expect(again?.sql).toEqual([]);
    expect(again?.fills).toMatchObject([{ column: "search_text" }]);
    const [other] = added(productOf(book, search("title", "notes")), first);
    expect(other?.fills).toMatchObject([{ value: "foldTexts([row.title, row.notes])" }]);
  });
});
