import { describe, expect, it } from "vitest";
import { type CsvColumn, csvHead, csvLine, csvRecords } from "../../src/http/csv.ts";
import { HttpProblem } from "../../src/http/problem.ts";

const columns: readonly CsvColumn[] = [
  { name: "text", kind: "text" },
  { name: "amount", kind: "number" },
  { name: "open", kind: "flag" },
  { name: "tags", kind: "list" },
];

function roundTrip(record: object) {
  return csvRecords(csvHead(columns) + csvLine(columns, record), columns)[0];
}

describe("CSV", () => {
  it.each([
    "plain",
    'with "quotes", commas; and\r\nlines',
    " blanks around ",
    "=1+1",
    "-5",
    "+49",
    "@sum",
    "'=already",
    "''=twice",
    "it's",
    "\ttab",
  ])("keeps %j on the way out and in", (text) => {
    expect(roundTrip({ text })).toEqual({ text });
  });

  it("writes no cell that a spreadsheet takes for a formula", () => {
    for (const text of ["=1+1", "+1", "-1", "@x", "'=x"])
      expect(csvLine(columns, { text })).toMatch(/^"?'/);
  });

  it("keeps numbers, flags and lists what they are", () => {
    const record = { amount: -1.5, open: false, tags: ["a;b", "c\\d", "e"] };
    expect(roundTrip(record)).toEqual(record);
  });

  it("leaves out empty cells and reads what spreadsheets save", () => {
    const text = '\uFEFFtext,open\n"a ""b""",true\n\n,\n';
    expect(csvRecords(text, columns)).toEqual([{ text: 'a "b"', open: true }, {}]);
  });

  it("leaves numbers and flags that are none for validation", () => {
    expect(csvRecords("amount,open\n0x10,yes", columns)).toEqual([{ amount: "0x10", open: "yes" }]);
  });

  it.each(["", "unknown\n1", "text,open\n1", 'text\n"open', 'text\n"a"b'])("refuses %j", (text) => {
    expect(() => csvRecords(text, columns)).toThrow(HttpProblem);
  });
});
