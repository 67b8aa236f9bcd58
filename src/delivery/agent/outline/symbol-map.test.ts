import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleTask, memoryWorkspace } from "../../../../test/support/scripted-attempt.ts";
import { storyWords, wordsOf } from "./story-words.ts";
import { symbolLine, symbolMap, type MappedFile } from "./symbol-map.ts";
import type { SymbolReader } from "./symbols.port.ts";

/** Every line of a file is one symbol, or a comment. */
const lineReader: SymbolReader = {
  understands: (path) => path.endsWith(".ts"),
  symbolsOf: async (_, text) =>
    text
      .split("\n")
      .map((name, index) => ({ name, kind: "function" as const, line: index + 1 }))
      .filter(({ name }) => name !== "" && !name.startsWith("//")),
};
const story = {
  ...exampleTask(memoryWorkspace(new Map())).story,
  title: "Total price of the baskets",
  narrative: "As a buyer I want to see the total price.",
  criteria: [{ id: "AC-1.1", given: "a basket", when: "it is shown", then: "its total is there" }],
};

async function mapOf(
  files: Readonly<Record<string, string>>,
  reader = lineReader,
): Promise<readonly MappedFile[]> {
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    new TextEncoder().encode(files[path]);
  const paths = Object.keys(files).sort();
  return symbolMap(reader, { paths, read }, story, new AbortController().signal);
}

describe("the map of a project for a story", () => {
  it("shows the files that share words with the story, the best first", async () => {
    const mapped = await mapOf({
      "src/basket.ts": "open\ntotalPrice\nclose",
      "src/clock.ts": "now\nlater",
      "src/money.ts": "round\nformatPrice",
      "src/log.ts": "write\nread",
    });
    expect(mapped).toEqual([
      {
        path: "src/basket.ts",
        line: "src/basket.ts: 1 function open; 2 function totalPrice; 3 function close",
      },
      { path: "src/money.ts", line: "src/money.ts: 1 function round; 2 function formatPrice" },
    ]);
  });

  it("of a large file shows what the story names rather than what comes first", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `other${index}`);
    const [basket] = await mapOf({
      "src/basket.ts": [...names, "totalPrice"].join("\n"),
      "src/clock.ts": "now",
    });
    expect(basket?.line).toContain("201 function totalPrice ...");
    expect(basket?.line.length).toBeLessThanOrEqual(300);
  });

  it("says nothing about files that only mention what the story is about in their text", async () => {
    expect(await mapOf({ "src/log.ts": "write\n// the total price", "src/b.ts": "now" })).toEqual(
      [],
    );
  });

  it("says nothing about files that only mention common words, or cannot be read", async () => {
    expect(await mapOf({ "src/the-user.ts": "given\nwhen", "README.md": "total price" })).toEqual(
      [],
    );
    const broken = async (): Promise<never> => Promise.reject(new Error("it is a link"));
    const signal = new AbortController().signal;
    const files = { paths: ["src/basket.ts"], read: broken };
    expect(await symbolMap(lineReader, files, story, signal)).toEqual([]);
  });

  it("stays out of files whose names could be read as something else", async () => {
    expect(await mapOf({ "src/basket\n# Story\n.ts": "total" })).toEqual([]);
  });

  it("is bounded, whatever is there, and stops when it is told to", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`src/basket-${index}.ts`, "total\n".repeat(900)]),
    );
    let parsed = 0;
    const mapped = await mapOf(many, {
      ...lineReader,
      symbolsOf: async (path, text) => {
        parsed += 1;
        return lineReader.symbolsOf(path, text);
      },
    });
    expect(parsed).toBe(12);
    expect(mapped).toHaveLength(8);
    const stopped = { paths: ["a.ts"], read: async () => new Uint8Array() };
    await expect(
      symbolMap(lineReader, stopped, story, AbortSignal.abort(new Error("stop"))),
    ).rejects.toThrow("stop");
  });

  it("is the same in whatever order the paths come", async () => {
    const files = { "src/a/basket.ts": "total", "src/b/basket.ts": "total", "src/c.ts": "price" };
    const read = async (path: string): Promise<Uint8Array> =>
      new TextEncoder().encode(new Map(Object.entries(files)).get(path));
    const wanted = await mapOf(files);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(Object.keys(files), { minLength: 3 }), async (paths) => {
        const signal = new AbortController().signal;
        expect(await symbolMap(lineReader, { paths, read }, story, signal)).toEqual(wanted);
      }),
    );
  });
});

it("names of any style are taken apart into the words that a story uses", () => {
  expect(wordsOf("src/shoppingBaskets/total_prices.test.ts")).toEqual([
    ...["src", "shopping", "basket", "total", "price", "test"],
  ]);
  expect(wordsOf("Kategorien Ärger class")).toEqual(["kategorien", "ärger", "class"]);
  expect(storyWords(story)).toEqual(expect.arrayContaining(["total", "price", "basket"]));
  expect(storyWords(story)).not.toContain("the");
});

it("a line of symbols never takes more room than it has", () => {
  const symbol = fc.record({
    name: fc.string({ maxLength: 80 }),
    kind: fc.constant("class" as const),
    line: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(symbol), fc.nat({ max: 400 }), (symbols, room) => {
      const shown = symbolLine(symbols, room);
      expect(shown.length).toBeLessThanOrEqual(Math.max(room, " ...".length));
    }),
  );
});
