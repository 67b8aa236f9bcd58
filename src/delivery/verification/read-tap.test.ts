import { describe, expect, it } from "vitest";
import { readTap } from "./read-tap.ts";

const told = (text: string) =>
  readTap(text)?.map(({ file, name, outcome, message }) => [file, name, outcome, message]);

describe("a TAP stream", () => {
  it("of tests at the top is read with its skips and what went wrong", () => {
    const text = `TAP version 13
ok 1 - one \u203a adds
not ok 2 - two \u203a takes away
  ---
    name: AssertionError
    message: 'Difference:'
  ...
ok 3 - later # SKIP
not ok 4 - some day # TODO
1..4
# pass 1
`;
    expect(told(text)).toEqual([
      ["", "one \u203a adds", "passed", undefined],
      ["", "two \u203a takes away", "failed", "Difference:"],
      ["", "later", "skipped", undefined],
      ["", "some day", "skipped", undefined],
    ]);
  });

  it("of files has the tests in them, not their single assertions", () => {
    const text = `TAP version 14
# Subtest: test/a.js
    # Subtest: adds
        ok 1 - is equal
        not ok 2 - is more
        1..2
    not ok 1 - adds # time=3ms
    # Subtest: groups
        # Subtest: inside
            ok 1 - fine
            1..1
        ok 1 - inside # time=1ms
        1..1
    ok 2 - groups # time=2ms
    1..2
not ok 1 - test/a.js # time=90ms
1..1
`;
    expect(told(text)).toEqual([
      ["test/a.js", "adds", "failed", "is more"],
      ["test/a.js", "groups", "passed", undefined],
      ["test/a.js", "groups > inside", "passed", undefined],
    ]);
  });

  it("whose plan does not know a file that could not be loaded is whole when it is counted", () => {
    const text = `TAP version 13
not ok 1 - file:///workspace/test/new.js:2
  ---
    name: SyntaxError
    message: no export named 'two'
  ...
ok 2 - old \u203a is one
not ok 3 - test/new.js exited with a non-zero exit code: 1

1..1
# tests 1
# pass 1
# fail 2
`;
    expect(told(text)?.map(([, name, outcome]) => [name, outcome])).toEqual([
      ["file:///workspace/test/new.js:2", "failed"],
      ["old \u203a is one", "passed"],
      ["test/new.js exited with a non-zero exit code: 1", "failed"],
    ]);
    expect(told(text.replace("# fail 2\n", ""))).toBeUndefined();
  });

  it("that was cut off is no report", () => {
    expect(readTap("TAP version 13\nok 1 - a\n")).toBeUndefined();
    expect(readTap("TAP version 13\nok 1 - a\n1..2\n")).toBeUndefined();
    expect(readTap("")).toBeUndefined();
    expect(readTap("1..0\n")).toEqual([]);
  });
});
