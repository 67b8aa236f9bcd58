import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Quality } from "../../../src/blueprint/model/quality.ts";
import { gatesTimeoutMs, installed, installTimeoutMs, projectFolder } from "./harness.ts";
import { entity, features, field, model, plainText } from "./models/parts.ts";
import { renderInto } from "./render-project.ts";

const limitMs = 30;
const delayMs = 40;

const quality = (kind: Quality["kind"], ...aspects: Quality["aspects"]): Quality => ({
  sentence: "S1",
  statement: "it is so",
  kind,
  aspects,
  isMust: true,
});

const product = {
  ...model("Notes", {
    entities: [entity("Note", [field("title", plainText, { required: true })])],
    access: { kind: "open" },
    features: features([
      { kind: "service" },
      { kind: "create", entity: "Note" },
      { kind: "read", entity: "Note" },
    ]),
  }),
  qualities: [
    quality("performance", {
      kind: "response-time",
      limitMs,
      records: 100,
      operation: "read",
      entity: "Note",
    }),
    quality("reliability", { kind: "durability", power: true }),
  ],
};

const fast = `answers within ${String(limitMs)} ms among 100 notes`;
const kept = "keeps what was saved when the process is killed";
const synchronous = "waits for the disk with every change";

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).optional(),
        }),
      ),
    }),
  ),
});

interface TestResult {
  readonly title: string;
  readonly status: string;
  readonly message: string;
}

/** Results of the project's own tests with such titles, by title. */
async function results(folder: string, titles: readonly string[]): Promise<readonly TestResult[]> {
  const bin = join(folder, "node_modules", ".bin", "vitest");
  const args = ["run", "--reporter=json", "-t", titles.join("|")];
  // Red tests end it with 1: what it says counts.
  const text = await new Promise<string>((done) => {
    execFile(bin, args, { cwd: folder, env: { ...process.env, CI: "1" } }, (_error, out) => {
      done(out);
    });
  });
  return reportSchema
    .parse(JSON.parse(text))
    .testResults.flatMap(({ assertionResults }) => assertionResults)
    .map(({ title, status, failureMessages = [] }) => ({
      title: title.replace(/^AC-[\d.]+ /, ""),
      status,
      message: failureMessages.join("\n"),
    }))
    .filter(({ title }) => titles.includes(title));
}

describe("the tests of a generated project", () => {
  let root: string;
  let folder: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "autosd-test-broken-"));
    folder = projectFolder(root, "notes", await installed());
  }, installTimeoutMs);
  beforeEach(() => {
    renderInto(folder, product, product.features.length);
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function change(path: string, from: string, to: string): void {
    const text = readFileSync(join(folder, path), "utf8");
    expect(text).toContain(from);
    writeFileSync(join(folder, path), text.replace(from, to));
  }

  it(
    "hold the service as it is to its time and to what it saved",
    async () => {
      const found = await results(folder, [fast, kept, synchronous]);
      expect(new Map(found.map(({ title, status }) => [title, status]))).toEqual(
        new Map([fast, kept, synchronous].map((title) => [title, "passed"])),
      );
    },
    gatesTimeoutMs,
  );

  it.each([
    {
      what: "every answer is late",
      path: "src/http/server.ts",
      from: "  readBodies(app);",
      to: `  app.addHook("onRequest", () => new Promise((done) => setTimeout(done, ${String(delayMs)})));\n  readBodies(app);`,
      title: fast,
      says: `to be less than or equal to ${String(limitMs)}`,
    },
    {
      what: "what is written never reaches the disk",
      path: "src/storage/open-database.ts",
      from: "new Libsql(file,",
      to: 'new Libsql(":memory:",',
      title: kept,
      says: "deeply equal",
    },
    {
      what: "a write is answered for and dropped",
      path: "src/storage/database.ts",
      from: "    return this.#statement(sql).run",
      to: "    return sql.startsWith('INSERT INTO notes') ? 1 : this.#statement(sql).run",
      title: kept,
      says: "deeply equal",
    },
    {
      what: "writes do not wait for the disk",
      path: "src/storage/open-database.ts",
      from: "PRAGMA synchronous = FULL",
      to: "PRAGMA synchronous = NORMAL",
      title: synchronous,
      says: "deeply equal",
    },
  ])(
    "go red when $what",
    async ({ path, from, to, title, says }) => {
      change(path, from, to);
      const [found] = await results(folder, [title]);
      expect(found).toMatchObject({ title, status: "failed" });
      expect(found?.message).toContain(says);
    },
    gatesTimeoutMs,
  );
});
