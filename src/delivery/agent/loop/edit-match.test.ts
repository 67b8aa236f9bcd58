import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdit } from "./edit-match.ts";

const plain = (old: string, fresh: string) => ({ old, new: fresh, all: false });

/** Deterministic: the same edits on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Sample {
  readonly file: string;
  readonly text: string;
  readonly old: string;
  readonly fresh: string;
  readonly wanted: string;
}

/** Edits as a model makes them: some lines of a source file, one of them changed, one added. */
function samples(count: number): readonly Sample[] {
  const folder = join(import.meta.dirname, "../../..");
  const files = readdirSync(join(folder, "kernel"))
    .concat(readdirSync(join(folder, "config")).map((name) => `../config/${name}`))
    .filter((name) => name.endsWith(".ts"))
    .sort();
  const next = numbers(7);
  const found: Sample[] = [];
  for (let tries = 0; found.length < count && tries < count * 50; tries += 1) {
    const file = files[Math.floor(next() * files.length)] ?? "";
    const text = readFileSync(join(folder, "kernel", file), "utf8");
    const lines = text.split("\n");
    const size = 3 + Math.floor(next() * 6);
    const start = Math.floor(next() * Math.max(1, lines.length - size - 1));
    const window = lines.slice(start, start + size);
    const at = Math.floor(next() * size);
    if ((window[at]?.trim().length ?? 0) < 12 || window[0]?.trim() === "") continue;
    if (window.at(-1)?.trim() === "" || window.length < size) continue;
    const old = window.join("\n");
    if (text.split(old).length !== 2) continue;
    const indent = /^\s*/.exec(window[at] ?? "")?.[0] ?? "";
    const changed = [...window];
    changed.splice(
      at,
      1,
      `${indent}const replaced${found.length} = true;`,
      `${indent}use(replaced);`,
    );
    const fresh = changed.join("\n");
    found.push({ file, text, old, fresh, wanted: text.replace(old, () => fresh) });
  }
  return found;
}

/** What an old text looks like when it was quoted from memory; both texts are written the same way. */
const perturbations: Readonly<Record<string, (text: string, next: () => number) => string>> = {
  "as it is": (text) => text,
  "white space at line ends": (text) => text.replaceAll("\n", "  \n"),
  "carriage returns": (text) => text.replaceAll("\n", "\r\n"),
  "blank lines around": (text) => `\n${text}\n\n`,
  "one step less indentation": (text) => text.replaceAll(/^ {2}/gm, ""),
  "one step more indentation": (text) => text.replaceAll(/^(?=.)/gm, "  "),
  "tabs for spaces": (text) =>
    text.replaceAll(/^(?: {2})+/gm, (all) => "\t".repeat(all.length / 2)),
  "typographic quotes": (text) => text.replaceAll('"', "\u201D"),
  "no indentation but relative": (text) => {
    const widths = text.split("\n").filter((line) => line.trim() !== "");
    const least = Math.min(...widths.map((line) => line.length - line.trimStart().length));
    return text
      .split("\n")
      .map((line) => line.slice(least))
      .join("\n");
  },
};

/** A slip in one word of a line that is only quoted; in the old text alone. */
function withTypo(sample: Sample): string {
  const kept = sample.old.split("\n").map((line, index) => ({ line, index }));
  const target = kept.find(
    ({ line }) => sample.fresh.includes(line) && /[a-z]{7}/.test(line) && line.length > 30,
  );
  if (target === undefined) return sample.old;
  const slipped = target.line.replace(/([a-z]{3})([a-z])([a-z])([a-z]{2})/, "$1$3$2$4");
  return kept.map(({ line, index }) => (index === target.index ? slipped : line)).join("\n");
}

describe("a search/replace edit", () => {
  const all = samples(120);

  it.each(Object.entries(perturbations))("applies though it was quoted with %s", (name, change) => {
    expect(all).toHaveLength(120);
    const next = numbers(11);
    const missed: string[] = [];
    const wrong: string[] = [];
    for (const sample of all) {
      const outcome = applyEdit(
        sample.text,
        plain(change(sample.old, next), change(sample.fresh, next)),
      );
      if (outcome.kind === "refused") missed.push(`${sample.file}: ${outcome.because}`);
      // Only what the edit itself wrote may differ, and only in what the perturbation is about.
      else if (comparable(outcome.text, name) !== comparable(sample.wanted, name))
        wrong.push(sample.file);
    }
    expect(wrong).toEqual([]);
    expect(missed.length, missed.join("\n")).toBeLessThanOrEqual(2);
  });

  it("applies though a quoted word holds a slip, which does not get into the file", () => {
    const wrong: string[] = [];
    let missed = 0;
    for (const sample of all) {
      const old = withTypo(sample);
      const fresh = sample.fresh;
      const outcome = applyEdit(sample.text, plain(old, fresh));
      if (outcome.kind === "refused") missed += 1;
      else if (outcome.text !== sample.wanted) wrong.push(sample.file);
    }
    expect(wrong).toEqual([]);
    expect(missed).toBeLessThanOrEqual(12);
  });

  /** Lines that an edit wrote carry its quotes; everything else must be as the file had it. */
  function comparable(text: string, name: string): string {
    if (name === "white space at line ends") return text.replaceAll(/[ \t]+$/gm, "");
    return text;
  }

  it("gives each new line the indentation of a first line that was quoted without its own", () => {
    const text = "def total(sum):\n    return sum\n\n\nrate = 2\n";
    const edit = plain(
      "return sum\n\n\nrate = 2",
      "if sum < 0:\n    sum = 0\nreturn sum\n\n\nrate = 2",
    );
    expect(applyEdit(text, edit)).toMatchObject({
      kind: "applied",
      text: "def total(sum):\n    if sum < 0:\n        sum = 0\n    return sum\n\n\nrate = 2\n",
    });
  });

  it("never applies in one of two places that it fits", () => {
    const text = "function a() {\n  return 1;\n}\nfunction b() {\n  return 1;\n}\n";
    for (const old of ["  return 1;", "return 1;   ", "\treturn 1;"])
      expect(applyEdit(text, plain(old, "  return 2;"))).toMatchObject({
        because: "ambiguous",
        lines: [2, 5],
      });
    expect(applyEdit(text, { old: "return 1;", new: "return 2;", all: true })).toMatchObject({
      text: text.replaceAll("return 1;", "return 2;"),
    });
  });

  it("takes another name or number for another place, not for a slip", () => {
    const text = "const first = compute(1, options);\nconst second = compute(2, options);\n";
    const wanted = ["const third = compute(3, options);", "const first = compute(2, options);"];
    for (const old of wanted)
      expect(applyEdit(text, plain(old, "x();")), old).toMatchObject({ kind: "refused" });
  });

  it("keeps byte order mark, carriage returns, a missing last newline and mixed line ends", () => {
    const edit = plain("b\n", "B\n");
    const texts: readonly (readonly [string, string])[] = [
      ["\uFEFFa\r\nb\r\nc", "\uFEFFa\r\nB\r\nc"],
      ["a\nb\r\nc\n", "a\nB\r\nc\n"],
      ["a\nb\n", "a\nB\n"],
      ["a\r\nb\nc\r\nd\r\n", "a\r\nB\nc\r\nd\r\n"],
    ];
    for (const [before, after] of texts)
      expect(applyEdit(before, edit)).toMatchObject({ kind: "applied", text: after });
    expect(applyEdit("a\nlast line here", plain("last line here  ", "z"))).toMatchObject({
      text: "a\nz",
    });
  });

  it("deletes lines, and refuses what changes nothing or looks for nothing", () => {
    expect(applyEdit("a\nb\nc\n", plain("b\n", ""))).toMatchObject({ text: "a\nc\n" });
    expect(applyEdit("a\n\tbcd();\nc\n", plain("  bcd();", ""))).toMatchObject({ text: "a\nc\n" });
    expect(applyEdit("a", plain("a", "a"))).toMatchObject({ because: "no-change" });
    expect(applyEdit("a", plain(" \n", "b"))).toMatchObject({ because: "empty" });
    expect(applyEdit("", plain("a", "b"))).toMatchObject({ because: "absent" });
  });

  it("indents new lines as the place is, also deeper ones", () => {
    const text = "class A {\n\trun() {\n\t\tgo();\n\t}\n}\n";
    const old = "  run() {\n    go();\n  }";
    const fresh = "  run() {\n    if (x) {\n      go();\n    }\n  }";
    expect(applyEdit(text, plain(old, fresh))).toMatchObject({
      match: "indentation",
      text: "class A {\n\trun() {\n\t\tif (x) {\n\t\t\tgo();\n\t\t}\n\t}\n}\n",
    });
  });

  it("changes nothing outside the place, whatever text it is given", () => {
    const line = fc.oneof(
      fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
      fc.constantFrom("", "}", "  go();", "\treturn total + 1;", "if (isOpen) {"),
    );
    // What is looked for is some lines of the text, as they are or indented in another way.
    const wanted = fc.record({ start: fc.nat(), count: fc.nat(3), indent: fc.nat(2) });
    let applied = 0;
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        wanted,
        fc.array(line, { minLength: 1, maxLength: 3 }),
        (lines, { start, count, indent }, fresh) => {
          const first = start % lines.length;
          const old = lines
            .slice(first, first + count + 1)
            .map((one) => (indent === 0 ? one : " ".repeat(indent - 1) + one.trimStart()));
          const outcome = applyEdit(lines.join("\n"), plain(old.join("\n"), fresh.join("\n")));
          if (outcome.kind === "refused") return;
          applied += 1;
          const now = outcome.text.split("\n");
          // Blank lines around what was quoted are no part of the place: it may be shorter, not longer.
          const after = Math.max(0, lines.length - (outcome.line - 1 + old.length));
          expect(now.slice(0, outcome.line - 1)).toEqual(lines.slice(0, outcome.line - 1));
          expect(now.slice(now.length - after)).toEqual(lines.slice(lines.length - after));
        },
      ),
    );
    expect(applied).toBeGreaterThan(10);
  });

  it("ends soon on a large file", () => {
    const text = Array.from(
      { length: 20_000 },
      (_, n) => `  const value${n} = compute(${n});`,
    ).join("\n");
    const old = Array.from({ length: 40 }, (_, n) => `  cosnt valeu${n} = comptue(${n});`).join(
      "\n",
    );
    const fromMs = performance.now();
    expect(applyEdit(text, plain(old, "x")).kind).toBe("refused");
    expect(performance.now() - fromMs).toBeLessThan(5_000);
  });
});
