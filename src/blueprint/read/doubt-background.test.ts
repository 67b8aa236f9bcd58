import { describe, expect, it } from "vitest";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import { readProduct } from "./read-product.ts";

const begun = "A note has a title (required).\n\nPeople can add notes and list notes.";

function reasonsFor(text: string): readonly string[] {
  const document = readDocument({ source: "test", bytes: new TextEncoder().encode(text) });
  const last = document.sentences.at(-1)?.id;
  return readProduct(document)
    .notUnderstood.filter((one) => one.sentence === last)
    .map((one) => one.reason);
}

describe("a wish that is worded like a field", () => {
  it.each(["Drafts keep their history.", "The list shows a total."])(
    "is reported: %s",
    (sentence) => {
      expect(
        reasonsFor(
          `# Drafts\n\nA draft has a title (required).\n\nPeople can add and list drafts.\n\n${sentence}`,
        ),
      ).not.toEqual([]);
    },
  );

  it("stays a field where the sentence says what a thing consists of", () => {
    expect(reasonsFor("# Invoices\n\nAn invoice has a number (required) and a total.")).toEqual([]);
  });
});

describe("a wish that is worded like background", () => {
  it.each([
    "Notes are faxed to the moon.",
    "Our notes turn green at midnight.",
    "Nobody sees a note before its author has signed it.",
    "Our accountant receives a copy of every note.",
    "My notes are mine alone.",
  ])("is reported once the requirements have begun: %s", (sentence) => {
    expect(reasonsFor(`# Notes\n\n${begun}\n\n${sentence}`)).toHaveLength(1);
  });

  it("is reported when the product is called after what it keeps", () => {
    expect(reasonsFor(`# Notes\n\n${begun}\n\nNotes are faxed to the moon.`)).toHaveLength(1);
    expect(reasonsFor("# Notes\n\nNotes are faxed to the moon.")).toHaveLength(1);
  });

  it.each([
    `# Notes\n\nNotes is a small service for people who write a lot.`,
    `# Notes\n\nOur notes are scattered over many papers.`,
    `# Notes\n\n${begun}\n\n## Background\n\nOur notes were on paper for years.`,
  ])("stays background in the introduction and in sections that explain: %s", (text) => {
    expect(reasonsFor(text)).toEqual([]);
  });
});
