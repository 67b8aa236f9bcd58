import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sentenceSchema } from "./document.ts";
import { RequirementsError } from "./errors.ts";
import { maxDocumentBytes, readDocument } from "./read-document.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readDocument({ source: "text", bytes: bytesOf(text) });
const texts = (text: string): string[] => read(text).sentences.map((sentence) => sentence.text);

function codeOf(bytes: Uint8Array): string {
  try {
    readDocument({ source: "file.md", bytes });
  } catch (error) {
    if (error instanceof RequirementsError) return error.code;
    throw error;
  }
  return "read";
}

describe("what is no readable requirements file", () => {
  it.each([
    ["nothing", new Uint8Array(), "AUTOSD-REQUIREMENTS-EMPTY"],
    ["white space", bytesOf(" \n\t\r\n"), "AUTOSD-REQUIREMENTS-EMPTY"],
    ["marks without words", bytesOf("---\n\n***\n"), "AUTOSD-REQUIREMENTS-EMPTY"],
    ["a NUL byte", bytesOf("a\u0000b"), "AUTOSD-REQUIREMENTS-BINARY"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x41, 0x00]), "AUTOSD-REQUIREMENTS-BINARY"],
    ["Latin-1", new Uint8Array([0x63, 0x61, 0x66, 0xe9]), "AUTOSD-REQUIREMENTS-ENCODING"],
    ["an overlong form", new Uint8Array([0xc0, 0xaf]), "AUTOSD-REQUIREMENTS-ENCODING"],
    [
      "one byte too much",
      new Uint8Array(maxDocumentBytes + 1).fill(97),
      "AUTOSD-REQUIREMENTS-TOO-LARGE",
    ],
    ["too many sentences", bytesOf("One. ".repeat(6_000)), "AUTOSD-REQUIREMENTS-TOO-LARGE"],
  ])("refuses %s", (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  it("names the source and a remedy, and ends with exit code 2", () => {
    expect(() => readDocument({ source: "wishes.md", bytes: new Uint8Array() })).toThrow(
      /wishes\.md/,
    );
    const error = new RequirementsError("AUTOSD-REQUIREMENTS-ENCODING", "x");
    expect([error.exitCode, error.remedy.length > 0]).toEqual([2, true]);
  });
});

describe("sentences", () => {
  it("do not end at abbreviations, decimals, file names, addresses and initials", () => {
    expect(
      texts(
        "Use e.g. Tags, i.e. words. Read file.txt at https://a.example/b.html now! It costs 1.50 euros. A. Smith did. Done?",
      ),
    ).toEqual([
      "Use e.g. Tags, i.e. words.",
      "Read file.txt at https://a.example/b.html now!",
      "It costs 1.50 euros.",
      "A. Smith did.",
      "Done?",
    ]);
  });

  it("of prose, items, rows, quotes, code and HTML are units with their line", () => {
    const document = read(
      "# Title\n\nOne two.\nThree. \n\n- first\n  - nested\n\n> Quoted.\n\n| A | B |\n|---|---|\n| x | y |\n\n```js\ncode();\n```\n\n<b>Bold</b> text.\n",
    );
    expect(document.title).toBe("Title");
    expect(document.sentences.map((one) => [one.line, one.kind, one.text])).toEqual([
      [3, "prose", "One two."],
      [4, "prose", "Three."],
      [6, "item", "first"],
      [7, "item", "nested"],
      [9, "prose", "Quoted."],
      [13, "row", "x | y"],
      [16, "code", "code();"],
      [19, "prose", "Bold text."],
    ]);
    expect(document.sentences[5]?.cells).toEqual({ A: "x", B: "y" });
  });

  it("of a list hang under the sentence before it, nested items under their item", () => {
    const [lead, first, nested, second] = read(
      "A reader can:\n\n- add\n  - fast\n- remove\n",
    ).sentences;
    expect([first?.parent, nested?.parent, second?.parent]).toEqual([
      lead?.id,
      first?.id,
      lead?.id,
    ]);
    expect([first?.depth, nested?.depth]).toEqual([0, 1]);
  });

  it("know the headings above them; a heading by itself is one", () => {
    const document = read("# A\n\n## B\n\nText.\n\n## C\n");
    expect(document.sentences.map((one) => [one.text, one.headingPath])).toEqual([
      ["Text.", ["A", "B"]],
      ["C", ["A"]],
    ]);
  });
});

describe("the same text", () => {
  it("has the same digest with and without BOM and with any line ends", () => {
    const plain = read("# A\n\nText.\n");
    expect(read("\ufeff# A\r\n\r\nText.\r\n")).toEqual(plain);
    expect(read(plain.text).digest).toBe(plain.digest);
  });
});

describe("what nobody can see", () => {
  it("is left out and noted", () => {
    const document = read("A\u200b book\u202e has\u2066 a ti\u00adtle.");
    expect(document.sentences[0]?.text).toBe("A book has a title.");
    expect(document.notes?.[0]).toMatch(/4 invisible/);
  });

  it("is read as Latin when a word mixes alphabets, and left when it does not", () => {
    const document = read("A b\u043eok has a \uff54itle. Книга.");
    expect(document.sentences.map((one) => one.text)).toEqual(["A book has a title.", "Книга."]);
    expect(document.notes?.join()).toMatch(/mixed alphabets/);
  });
});

describe("any text", () => {
  it("is read or refused with a code, into valid sentences with ids in order and lines that exist", () => {
    let sentences = 0;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (text) => {
        const outcome = codeOf(bytesOf(text));
        if (outcome !== "read") return outcome.startsWith("AUTOSD-REQUIREMENTS-");
        const document = read(text);
        const lines = document.text.split("\n").length;
        sentences += document.sentences.length;
        return document.sentences.every(
          (one, index) =>
            sentenceSchema.safeParse(one).success &&
            one.id === `S${index + 1}` &&
            one.line <= lines,
        );
      }),
      { numRuns: 300 },
    );
    expect(sentences).toBeGreaterThan(30);
  });

  it.each([
    "[",
    "*a_b",
    "> > a\n",
    "- ",
    "a.\n",
    ".",
    "&amp;",
    "[a]: b\n",
    "| a ",
    "<a ",
    "`a",
    '"',
  ])("of a megabyte of %j is read in linear time", (piece) => {
    const text = piece.repeat(Math.floor((maxDocumentBytes - 2) / piece.length));
    const start = performance.now();
    codeOf(bytesOf(text));
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
