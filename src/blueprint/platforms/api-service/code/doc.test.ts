import { describe, expect, it } from "vitest";
import {
  choice,
  expanded,
  group,
  hardLine,
  ifBroken,
  indent,
  join,
  line,
  lines,
  print,
  softLine,
} from "./doc.ts";

const list = (...items: readonly string[]) =>
  group(["[", indent([softLine, join([",", line], items)]), ifBroken(","), softLine, "]"]);

describe("printing", () => {
  it("keeps a group on its line when it fits, with what stands behind it", () => {
    expect(print([list("a", "b"), ";"], 7)).toBe("[a, b];\n");
    expect(print([list("a", "b"), ";"], 6)).toBe("[\n  a,\n  b,\n];\n");
  });

  it("breaks each group around a line that cannot be joined, and no other", () => {
    const inner = group(["(", indent([softLine, "x", hardLine, "y"]), softLine, ")"]);
    expect(print(group([list("a"), line, inner]), 80)).toBe("[a]\n(\n  x\n  y\n)\n");
    expect(print(expanded([list("a"), line, "b"]), 80)).toBe("[a]\nb\n");
  });

  it("leaves no spaces before a line break, and none at the end", () => {
    expect(print(lines(["a  ", indent(["b ", hardLine]), "", "c "]), 80)).toBe("a\nb\n\n\nc\n");
  });

  it("keeps the lines of a text, and counts columns from its last", () => {
    expect(print(["a \n  bcd", group([line, "e"])], 7)).toBe("a\n  bcd e\n");
    expect(print(["a \n  bcd", group([line, "e"])], 6)).toBe("a\n  bcd\ne\n");
  });

  it("takes the flat form, else the preferred when its first line fits, else the other", () => {
    const doc = choice("flat form", ["pre ", expanded(["{", softLine, "}"])], "other");
    expect(print(doc, 9)).toBe("flat form\n");
    expect(print(doc, 8)).toBe("pre {\n}\n");
    expect(print(doc, 4)).toBe("other\n");
  });

  it("prints what is nested deeply and what is long without asking the same again", () => {
    let nested = list("x");
    for (let depth = 0; depth < 2_000; depth += 1) nested = group([nested, hardLine]);
    expect(print(nested, 80)).toBe("[x]\n");
    const rows = Array.from({ length: 20_000 }, (_, row) => list(String(row)));
    expect(print(lines(rows), 80).split("\n")).toHaveLength(20_001);
  });
});
