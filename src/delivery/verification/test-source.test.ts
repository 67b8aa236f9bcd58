import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskSource } from "./mask-source.ts";
import { testsIn } from "./test-source.ts";

describe("tests in JavaScript and TypeScript", () => {
  it("finds tests with their names, not what looks like tests in strings and comments", () => {
    const tests = testsIn(
      "a.test.ts",
      `
      // it("in a comment", () => {});
      /* test("in a block", () => {}); */
      const text = 'it("in a string", () => {})';
      const template = \`test("in a template", () => { \${inner(\`it("deeper")\`)} })\`;
      const expression = /it\\("in an expression"/;
      describe("group", () => {
        it("plain 'quoted' \\"name\\"", () => { expect(1 + 1).toBe(2); expect(f()).toBe(3); });
        test(\`with backticks\`, async () => {});
        it(name, () => {});
        it.each([[1], [2]])("row %i", (n) => { expect(n).toBeGreaterThan(0); });
        model.it("is a method");
      });
      `,
    );
    expect(tests.map((one) => [one.name, one.dynamic, one.assertions])).toEqual([
      [`plain 'quoted' "name"`, false, 2],
      ["with backticks", false, 0],
      ["", true, 0],
      ["row %i", true, 1],
    ]);
  });

  it.each([
    ["it.skip", "it.skip('a', () => {})", { skipped: true }],
    ["xit", "xit('a', () => {})", { skipped: true }],
    ["it.todo", "it.todo('a')", { skipped: true }],
    ["a skipped group", "describe.skip('g', () => { it('a', () => {}) })", { skipped: true }],
    ["an option", "test('a', { skip: true }, () => {})", { skipped: true }],
    ["a reason as option", "test('a', { skip: 'later' }, () => {})", { skipped: true }],
    ["an option that says no", "test('a', { skip: false }, () => {})", { skipped: false }],
    ["skipIf", "it.skipIf(windows)('a', () => {})", { skipped: true }],
    ["it.only", "it.only('a', () => {})", { focused: true }],
    ["fit", "fit('a', () => {})", { focused: true }],
    ["a focused group", "describe.only('g', () => { it('a', () => {}) })", { focused: true }],
    ["the group before", "describe.skip('g', () => {}); it('a', () => {})", { skipped: false }],
    ["a modifier without effect", "it.concurrent('a', () => {})", { skipped: false }],
  ])("sees %s", (_name, text, expected) => {
    expect(testsIn("a.test.js", text).find((one) => one.name === "a")).toMatchObject(expected);
  });

  it("does not count assertions on constants", () => {
    const [test] = testsIn(
      "a.test.js",
      "it('a', () => { expect(true).toBe(true); expect(x).toBe(1); })",
    );
    expect(test?.assertions).toBe(1);
  });

  it("reads anything without failing, and keeps every position", () => {
    const pieces = fc.constantFrom(
      ...[
        "it(",
        "'",
        '"',
        "`",
        "${",
        "}",
        "//",
        "/*",
        "*/",
        "/",
        "\\",
        "\n",
        "(",
        ")",
        "{",
        "a",
        " ",
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = parts.join("");
        expect(maskSource(text)).toHaveLength(text.length);
        testsIn("a.test.js", text);
      }),
    );
  });

  it("takes time in proportion to the text", () => {
    for (const piece of ["it('a', () => {", "`${", "/a", "/*", "it.each([", '"\\']) {
      const startedMs = performance.now();
      testsIn("a.test.js", piece.repeat(20_000));
      expect(performance.now() - startedMs, piece).toBeLessThan(5_000);
    }
  });
});

describe("tests in Python", () => {
  it("finds functions and methods with decorators and assertions", () => {
    const tests = testsIn(
      "test_a.py",
      `
class T(unittest.TestCase):
    def test_one(self):
        self.assertEqual(1, 1)
        assert x == 2  # assert in a comment

    @unittest.skip("later")
    def test_two(self):
        pass

@pytest.mark.parametrize("n", [1, 2])
def test_three(n):
    with pytest.raises(ValueError):
        f(n)

def test_four():
    pytest.skip("no")
def helper():
    assert True
`,
    );
    expect(tests.map((one) => [one.name, one.assertions, one.skipped, one.dynamic])).toEqual([
      ["test_one", 2, false, false],
      ["test_two", 0, true, false],
      ["test_three", 1, false, true],
      ["test_four", 0, true, false],
    ]);
  });
});
