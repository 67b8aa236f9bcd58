import { describe, expect, it } from "vitest";
import { type Files, memoryTrees } from "../../../../test/support/memory-trees.ts";
import type { Read } from "../../../delivery/agent/read-set.ts";
import { type StalenessRule, whyStale } from "./staleness.ts";

const before: Files = {
  "src/add.js": "export const add = 1;\n",
  "src/sub.js": "export const sub = 2;\n",
  "docs/guide.md": "Add and subtract.\n",
};

/** Why reads of `before` are stale when the files are `after` now. */
function judge(
  read: Read | readonly Read[],
  after: Files,
  rule: StalenessRule = "read-set",
): Promise<string | undefined> {
  const reads = "kind" in read ? [read] : read;
  return whyStale(
    { directory: "/r", vcs: memoryTrees({ before, after }) },
    { reads, from: "before", to: "after", rule },
    new AbortController().signal,
  );
}

const added: Files = { ...before, "src/mul.js": "export const mul = 3;\n" };
const modified = { ...before, "src/add.js": "export const add = 4;\n" };
const deleted = Object.fromEntries(
  Object.entries(before).filter(([path]) => path !== "src/sub.js"),
);
const withoutGuide = Object.fromEntries(
  Object.entries(before).filter(([path]) => path !== "docs/guide.md"),
);
const file = (path: string): Read => ({ kind: "file", path });
const listing = (folder?: string): Read => ({ kind: "listing", folder });
const search = (text: string, folder?: string): Read => ({
  ...{ kind: "search", text, folder },
  ignoreCase: true,
});
const command = (...inputs: readonly string[]): Read => ({
  kind: "command",
  inputs: inputs.length === 0 ? undefined : inputs,
});
const outline: Read = { kind: "outline" };
const pattern = (folder?: string, files?: string): Read => ({
  ...{ kind: "search", text: "s.b", ignoreCase: false },
  ...{ folder, files, isPattern: true },
});
const ignoring: Files = { ...before, ".gitignore": "docs/\n" };

describe("a read", () => {
  it.each<[string, Read, Files, string | undefined]>([
    [
      "of a file that changed",
      file("src/add.js"),
      modified,
      "src/add.js was modified, which it had read",
    ],
    [
      "of a file that was not there and is",
      file("src/mul.js"),
      added,
      "src/mul.js was added, which it had read",
    ],
    ["of another file", file("src/sub.js"), modified, undefined],
    [
      "of a listing with a new name",
      listing(),
      added,
      "src/mul.js was added, in what it had listed",
    ],
    ["of the listing of another folder", listing("docs"), added, undefined],
    ["of a listing in which a content changed", listing("src"), modified, undefined],
    ["of the names that everybody is shown, with a new one", outline, added, undefined],
    [
      "of the names that everybody is shown, one gone",
      outline,
      deleted,
      "src/sub.js was deleted, which it had been shown",
    ],
    [
      "by a search that finds more",
      search("mul"),
      added,
      'src/mul.js was added, in what it had searched for "mul"',
    ],
    [
      "by a search that finds another line",
      search("ADD =", "src"),
      modified,
      'src/add.js was modified, in what it had searched for "ADD ="',
    ],
    ["by a search in another folder", search("add", "docs"), modified, undefined],
    ["by a search that finds nothing new", search("sub"), modified, undefined],
    ["by a command", command(), modified, "src/add.js was modified, after it had run a command"],
    [
      "by a command that depends on it",
      command("src"),
      modified,
      "src/add.js was modified, on which a command that it had run depends",
    ],
    ["by a command that depends on others", command("docs", "src/sub.js"), modified, undefined],
    [
      "by a command that depends on what is no plain path",
      command("docs", "lib/*.js"),
      modified,
      "src/add.js was modified, on which a command that it had run depends",
    ],
    [
      "by a pattern, where something was searched",
      pattern("src"),
      modified,
      'src/add.js was modified, in what it had searched for "s.b"',
    ],
    ["by a pattern in other files", pattern(undefined, "docs/**"), modified, undefined],
    [
      "of a listing from which a name is hidden now",
      listing(),
      ignoring,
      ".gitignore was added, in what it had listed",
    ],
    [
      "of a listing of a folder that is hidden now",
      listing("docs"),
      ignoring,
      "docs/guide.md was deleted, in what it had listed",
    ],
    [
      "by a search of a file that is hidden now",
      search("subtract"),
      ignoring,
      'docs/guide.md was deleted, in what it had searched for "subtract"',
    ],
    ["of a listing beside what is hidden now", listing("src"), ignoring, undefined],
    [
      "of a file that was written as a whole",
      { kind: "file", path: "src/add.js", isWritten: true },
      modified,
      "src/add.js was modified, which it had written",
    ],
    [
      "of a folder that is gone",
      file("docs"),
      withoutGuide,
      "docs/guide.md was deleted, which it had read",
    ],
  ])("%s", async (_, read, after, why) => {
    expect(await judge(read, after)).toBe(why);
  });

  it("does not matter once what git ignores is otherwise: files may be in a tree now that were in none", async () => {
    const reader = { directory: "/r", vcs: memoryTrees({ ignoring, before }) };
    const question = { reads: [], from: "ignoring", to: "before", rule: "read-set" as const };
    expect(await whyStale(reader, question, new AbortController().signal)).toBe(
      ".gitignore was deleted, which says what is committed",
    );
  });

  it("is as it was when nothing changed, by any rule", async () => {
    for (const rule of ["read-set", "workspace"] as const)
      expect(await judge([command(), listing(), file("src/add.js")], before, rule)).toBeUndefined();
  });

  it("does not matter to the strict rule", async () => {
    expect(await judge([], added, "workspace")).toBe("src/mul.js was added; any change counts");
    expect(await judge([], added, "read-set")).toBeUndefined();
  });
});
