import { readFile } from "node:fs/promises";

/**
 * A plugin for the bundler: packages that find out at each start, from dozens of files and a report
 * about the whole process, which native program is theirs are told at once. What they would not be
 * told here they still find out themselves.
 */
export function directLoading() {
  return {
    name: "direct-loading",
    setup(bundler) {
      replacing(bundler, /[\\/]libsql[\\/]index\.js$/, [
        ["let target = currentTarget();", `let target = ${target};`],
        ["return require(`@libsql/${target}`);", `return ${requireBesideLibsql};`],
      ]);
      bundler.onLoad({ filter: /[\\/]fs-native-extensions[\\/]binding\.js$/ }, () => ({
        contents: lockBinding,
      }));
      // All that is wanted of the older zod is a list of names, each of which is its own value.
      bundler.onResolve({ filter: /^zod\/v3$/ }, ({ importer }) =>
        /[\\/]provider-utils[\\/]/.test(importer) ? { path: "names", namespace: "zod-v3" } : null,
      );
      bundler.onLoad({ filter: /.*/, namespace: "zod-v3" }, () => ({
        contents:
          "export const ZodFirstPartyTypeKind = new Proxy({}, { get: (_names, name) => name });",
      }));
      // Node's own Headers bring its whole fetch along, which takes longer than everything else
      // that has to be there before a question is sent.
      replacing(bundler, /[\\/]@ai-sdk[\\/]provider-utils[\\/]dist[\\/]index\.mjs$/, [
        [
          "const normalizedHeaders = new Headers(normalizeHeaders(headers));",
          "const normalizedHeaders = new Map(Object.entries(normalizeHeaders(headers)));",
        ],
        ["headers instanceof Headers", 'typeof headers.getSetCookie === "function"'],
      ]);
      // What it extends brings all of Node's streams for the web along, for an answer that has not come.
      replacing(bundler, /[\\/]eventsource-parser[\\/]dist[\\/]stream\.js$/, [
        [
          "class EventSourceParserStream extends TransformStream {",
          "const eventSourceParserStream = () => class EventSourceParserStream extends TransformStream {",
        ],
        [
          "export {",
          `let ofAll;
function EventSourceParserStream(options) {
  return new (ofAll ??= eventSourceParserStream())(options);
}
export {`,
        ],
      ]);
      // Loaded by its first line, and then from one file instead of forty.
      replacing(bundler, /[\\/]src[\\/]adapters[\\/]log[\\/]open-log\.ts$/, [
        ["createRequire(import.meta.url)", '() => require("pino")'],
      ]);
    },
  };
}

const target = String.raw`({ "linux-x64": "linux-x64-gnu", "linux-arm64": "linux-arm64-gnu" }[familySync() === GLIBC ? process.platform + "-" + process.arch : ""] ?? currentTarget())`;

/** Installers need not put a package's own dependencies where others find them. */
const requireBesideLibsql =
  'require("node:module").createRequire((0, require.resolve)("libsql"))(`@libsql/${target}`)';

const lockBinding = `
const { dirname, join } = require("node:path");
const folder = dirname(require.resolve("fs-native-extensions/package.json"));
const built = join(folder, "prebuilds", process.platform + "-" + process.arch, "fs-native-extensions.node");
let binding;
try {
  binding = require(built);
} catch {
  binding = require(join(folder, "binding.js"));
}
module.exports = binding;
`;

function replacing(bundler, filter, changes) {
  bundler.onLoad({ filter }, async ({ path }) => {
    let contents = await readFile(path, "utf8");
    for (const [before, after] of changes) {
      // A package that has changed must not be bundled by what was true of another version.
      if (!contents.includes(before)) throw new Error(`${path} no longer holds: ${before}`);
      contents = contents.replace(before, () => after);
    }
    return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
  });
}
