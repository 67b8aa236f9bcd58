import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Field, ProductModel } from "../../../src/blueprint/model/product-model.ts";
import type { JsonValue } from "../../../src/blueprint/platforms/platform.port.ts";
import {
  build,
  gatesTimeoutMs,
  installed,
  installTimeoutMs,
  projectFolder,
  type RunningService,
  startService,
} from "./harness.ts";
import { entity, features, field, model, plainText } from "./models/parts.ts";
import { renderAfter } from "./render-project.ts";

const title = field("title", plainText, { required: true });
const pages = field("pages", { kind: "integer", minimum: 1, maximum: undefined });
const colour = field("colour", plainText);
const author = field("author", plainText, { required: true });

type Operation = "create" | "read" | "list" | "delete";

function shelf(fields: readonly Field[], ...operations: readonly Operation[]): ProductModel {
  const own = { entity: "Book" };
  const list = { kind: "list", ...own, defaultPageSize: 20, maxPageSize: 100 } as const;
  const asked = operations.map((kind) => (kind === "list" ? list : { kind, ...own }));
  return model("Shelf", {
    entities: [entity("Book", fields)],
    access: { kind: "open" },
    features: features([{ kind: "service" }, ...asked]),
  });
}

const released = shelf([title, pages], "create", "read", "list", "delete");

interface Book {
  readonly id: string;
  readonly title: string;
}

async function answer(url: string, method = "GET", body?: unknown) {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
  return { status: response.status, body: await response.json() };
}

describe("a project of changed requirements, started with its old database", () => {
  let root: string;
  let folder: string;
  let memory: JsonValue | undefined;
  let books: readonly Book[];
  let running: RunningService | undefined;

  async function start(product: ProductModel): Promise<string> {
    memory = renderAfter(folder, product, memory);
    await build(folder);
    running = await startService(folder);
    return running.url;
  }

  async function stop(): Promise<void> {
    const code = await running?.stop();
    running = undefined;
    expect(code).toBe(0);
  }

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "autosd-test-old-database-"));
    folder = projectFolder(root, "shelf", await installed());
    memory = undefined;
    const url = await start(released);
    const made: Book[] = [];
    for (const content of [{ title: "Momo", pages: 304 }, { title: "Emil" }]) {
      const { status, body } = await answer(`${url}/books`, "POST", content);
      expect(status).toBe(201);
      made.push(body as Book);
    }
    books = made;
    await stop();
  }, installTimeoutMs);
  afterEach(async () => {
    await running?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it(
    "serves its records with an added field, and goes on with new ones",
    async () => {
      const url = await start(shelf([title, pages, colour], "create", "read", "list", "delete"));
      for (const book of books)
        expect(await answer(`${url}/books/${book.id}`)).toEqual({
          status: 200,
          body: { ...book, colour: null },
        });
      const red = await answer(`${url}/books`, "POST", { title: "Krabat", colour: "red" });
      expect(red).toMatchObject({ status: 201, body: { colour: "red" } });
      expect((await answer(`${url}/books`)).body).toHaveProperty("items.length", 3);
      await stop();
    },
    gatesTimeoutMs,
  );

  it(
    "serves its records without what was taken out, and has it again when it is wanted again",
    async () => {
      const url = await start(shelf([title], "create", "read", "list"));
      const [momo] = books;
      const path = `/books/${String(momo?.id)}`;
      const { status, body } = await answer(`${url}${path}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ title: "Momo" });
      expect(body).not.toHaveProperty("pages");
      expect((await answer(`${url}${path}`, "DELETE")).status).toBe(405);
      await stop();
      const again = await start(released);
      expect((await answer(`${again}${path}`)).body).toEqual(momo);
      await stop();
    },
    gatesTimeoutMs,
  );

  it(
    "does not start when the records do not fit, says why in plain words, and leaves them as they are",
    async () => {
      const before = memory;
      await expect(start(shelf([title, pages, author], "create", "read", "list"))).rejects.toThrow(
        /The service did not start: the database was left as it was, \S+ does not fit it: 2 books have no author, which is required now\n$/,
      );
      memory = before;
      const url = await start(released);
      expect((await answer(`${url}/books/${String(books[1]?.id)}`)).body).toEqual(books[1]);
      await stop();
    },
    gatesTimeoutMs,
  );

  it(
    "refuses a database that a later version has changed",
    async () => {
      const before = memory;
      await start(shelf([title, pages, colour], "create", "read", "list"));
      await stop();
      memory = before;
      await expect(start(released)).rejects.toThrow(
        /The service did not start: the database is newer than this service: it has the migration \S+\n$/,
      );
    },
    gatesTimeoutMs,
  );
});
