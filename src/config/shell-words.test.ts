import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWords } from "./shell-words.ts";

test.each<[string, readonly string[] | undefined]>([
  ["", []],
  ["  ", []],
  ["gemini --acp", ["gemini", "--acp"]],
  [`a 'b c' "d e"f\\ g ''`, ["a", "b c", "d ef g", ""]],
  [`"\\$HOME \\a \\\\"`, ["$HOME \\a \\"]],
  ["$HOME * ; rm -rf /", ["$HOME", "*", ";", "rm", "-rf", "/"]],
  ["a\\\nb", ["ab"]],
  ["it's", undefined],
  ['say "so', undefined],
  ["end\\", undefined],
])("reads %j", (text, words) => {
  expect(shellWords(text)).toEqual(words);
});

test("splits quoted words as the shell of this machine does", () => {
  // What a shell would expand or take for an operator is left out; that it stays as it is is shown above.
  const text = fc.stringMatching(/^[ab '"\\]{0,12}$/);
  let compared = 0;
  fc.assert(
    fc.property(fc.array(text, { minLength: 40, maxLength: 40 }), (texts) => {
      const readable = texts.filter((one) => shellWords(one) !== undefined);
      const script = readable.map((one) => `printf '%s\\0' x ${one}\nprintf '\\1'\n`).join("");
      const said = execFileSync("sh", { input: script, encoding: "utf8" }).split("\u0001");
      for (const [at, one] of readable.entries()) {
        expect(said[at]?.split("\0").slice(1, -1), JSON.stringify(one)).toEqual(shellWords(one));
        compared += 1;
      }
    }),
    { numRuns: 10 },
  );
  expect(compared).toBeGreaterThan(50);
});
