import fc from "fast-check";
import { expect, it } from "vitest";
import { type Files, memoryTrees } from "../../../../test/support/memory-trees.ts";
import type { Read } from "../../../delivery/agent/read-set.ts";
import { whyStale } from "./staleness.ts";

/*
 * An oracle: every read is simply made on both trees. It shares no code with what is tested, and
 * knows nothing of changes.
 */

const paths = ["a.js", "b", "b/c.js", "b/d/e.md", "lib/x.ts", "lib/b.js", ".gitignore", "lib"];
const texts = ["", "one\n", "one\ntwo\n", "ONE two\n", "three"];
const ignores = ["b\n", "/lib/\n", "x.ts\n# two\n", "*.js\n"];

/** Files of which none is in the place of another one's folder. */
const trees: fc.Arbitrary<Files> = fc
  .array(
    fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...texts), fc.constantFrom(...ignores)),
    { maxLength: 7 },
  )
  .map((entries) => {
    const files = new Map<string, string>();
    for (const [path, text, ignored] of entries) {
      const inTheWay = [...files.keys()].some(
        (other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
      );
      if (!inTheWay) files.set(path, path === ".gitignore" ? ignored : text);
    }
    return Object.fromEntries(files);
  });

/** Mostly a small change, so that most reads stay as they are. */
const pairs = fc.oneof(
  fc.tuple(trees, trees),
  fc
    .tuple(trees, fc.constantFrom(...paths), fc.constantFrom(...texts))
    .map(([from, path, text]) => {
      const content = path === ".gitignore" ? (ignores[0] ?? "") : text;
      const kept = Object.entries(from).filter(
        ([other]) => !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`),
      );
      return [from, { ...Object.fromEntries(kept), [path]: content }] as const;
    }),
  fc.tuple(trees, fc.constantFrom(...paths)).map(([from, gone]) => {
    const to: Files = Object.fromEntries(Object.entries(from).filter(([path]) => path !== gone));
    return [from, to] as const;
  }),
);

const folders = fc.constantFrom(undefined, ".", "b", "./b", "lib/", "b/d", "nowhere");
const globs = fc.constantFrom(undefined, "*.js", "lib/*", "**/e.*", "b/**", "?.js");
const reads: fc.Arbitrary<Read> = fc.oneof(
  fc.record({
    kind: fc.constant("file" as const),
    path: fc.constantFrom(...paths, "b/d", "b/c.js/f"),
    isWritten: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("listing" as const), folder: folders }),
  fc.record({
    kind: fc.constant("search" as const),
    text: fc.constantFrom("one", "two", "ONE", "t.o", "three", "e$"),
    folder: folders,
    ignoreCase: fc.boolean(),
    isPattern: fc.boolean(),
    files: globs,
  }),
  fc.constant<Read>({ kind: "outline" }),
  fc.record({
    kind: fc.constant("command" as const),
    inputs: fc.option(
      fc.array(fc.constantFrom("b", "./lib", "a.js", "lib/*.ts", "../b", "/b", "b/d/"), {
        maxLength: 2,
      }),
      { nil: undefined },
    ),
  }),
);

/** What the read tells on a tree, as a text. */
function answer(read: Read, files: Files, before: Files): string {
  switch (read.kind) {
    case "file": {
      if (files[read.path] !== undefined) return `text ${files[read.path] ?? ""}`;
      if (Object.keys(files).some((path) => path.startsWith(`${read.path}/`))) return "a folder";
      const above = Object.keys(files).find((path) => read.path.startsWith(`${path}/`));
      return above === undefined ? "nothing" : `${above} is a file`;
    }
    case "listing":
      return inFolder(visible(files), read.folder).join("\n");
    case "outline":
      return Object.keys(before)
        .filter((path) => files[path] === undefined)
        .join("\n");
    case "command":
      return JSON.stringify(
        Object.entries(files)
          .filter(([path]) => isInput(path, read.inputs))
          .sort(),
      );
    case "search":
      return inFolder(visible(files), read.folder)
        .filter((path) => globbed(path, read.files))
        .flatMap((path) => linesOf(files[path] ?? "", read).map((line) => `${path}:${line}`))
        .join("\n");
  }
}

/** Plain inputs are files and folders; whatever else it is, it may be everything. */
function isInput(path: string, inputs: readonly string[] | undefined): boolean {
  if (inputs === undefined) return true;
  return inputs.some((input) => {
    if (/^\/|\.\.|\*/.test(input)) return true;
    const plain = input.replace("./", "").replace(/\/$/, "");
    return path === plain || path.startsWith(`${plain}/`);
  });
}

function visible(files: Files): readonly string[] {
  const hidden = (files[".gitignore"] ?? "")
    .split("\n")
    .map((line) => line.replaceAll("/", ""))
    .filter((line) => line !== "" && !line.includes("*"));
  return Object.keys(files)
    .filter((path) => !path.split("/").some((name) => hidden.includes(name)))
    .sort();
}

function inFolder(all: readonly string[], folder = "."): readonly string[] {
  const plain = folder.replace("./", "").replace(/\/$/, "");
  return plain === "." ? all : all.filter((path) => `${path}/`.startsWith(`${plain}/`));
}

function globbed(path: string, glob: string | undefined): boolean {
  if (glob === undefined) return true;
  const pattern = (glob.includes("/") ? glob : `**/${glob}`)
    .replaceAll(".", "\\.")
    .replaceAll("?", "[^/]")
    .replaceAll(/^\*\*\//g, "(?:.+/)<any>")
    .replaceAll(/\/\*\*$/g, "(?:/.+)<any>")
    .replaceAll("*", "[^/]*")
    .replaceAll("<any>", "?");
  return new RegExp(`^${pattern}$`).test(path);
}

function linesOf(
  text: string,
  search: Extract<Read, { readonly kind: "search" }>,
): readonly string[] {
  const escaped = search.text.replaceAll(/[.$]/g, "\\$&");
  const wanted = new RegExp(
    search.isPattern === true ? search.text : escaped,
    search.ignoreCase ? "i" : "",
  );
  return text
    .split("\n")
    .map((line, index) => `${index}:${line}`)
    .filter((line) => wanted.test(line.slice(line.indexOf(":") + 1)));
}

/** Where more is taken for stale than has to be. */
function mayBeCareful(read: Read, from: Files): boolean {
  // What is ignored may belong to the attempt, or be hidden already: both is not looked at closely.
  if (from[".gitignore"] !== undefined) return true;
  // Nor is which lines fit a pattern, or what else is in the place of a file.
  return read.kind === "file" || (read.kind === "search" && read.isPattern === true);
}

it("calls a read stale when it would tell something else now, and never misses one", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, reads, async ([from, to], read) => {
      const why = await whyStale(
        { directory: "/r", vcs: memoryTrees({ from, to }) },
        { reads: [read], from: "from", to: "to", rule: "read-set" },
        new AbortController().signal,
      );
      const differs = answer(read, from, from) !== answer(read, to, from);
      if (differs) expect(why).toBeDefined();
      else if (!mayBeCareful(read, from)) expect(why).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

it("takes a search for stale only where something that it is about has changed", async () => {
  const searches = reads.filter((read) => read.kind === "search");
  await fc.assert(
    fc.asyncProperty(pairs, searches, async ([before, after], read) => {
      // Nothing that is ignored: that counts by itself.
      const [from, to] = [withoutIgnores(before), withoutIgnores(after)];
      const why = await whyStale(
        { directory: "/r", vcs: memoryTrees({ from, to }) },
        { reads: [read], from: "from", to: "to", rule: "read-set" },
        new AbortController().signal,
      );
      if (why === undefined) return;
      const changed = /^(\S+) was/.exec(why)?.[1] ?? "";
      expect(from[changed]).not.toBe(to[changed]);
      expect(inFolder([changed], read.folder)).toEqual([changed]);
      expect(globbed(changed, read.files)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

function withoutIgnores(files: Files): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== ".gitignore"));
}
