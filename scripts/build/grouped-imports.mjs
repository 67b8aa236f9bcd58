import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { groups } from "./groups.mjs";

const prefix = "group-of-modules:";
/** As prettier leaves them: the whole import on one line. */
const dynamicImport = /\bimport\(("(\.[^"\n]+\.ts)")\)/g;

/** A plugin for the bundler: dynamic imports of grouped modules load the group and take their part. */
export function groupedImports(root) {
  const source = join(root, "src");
  const placeOf = new Map();
  for (const [group, paths] of Object.entries(groups))
    for (const [index, path] of paths.entries()) {
      const file = join(source, path);
      if (!existsSync(file))
        throw new Error(`scripts/build/groups.mjs names ${path}: no such file`);
      placeOf.set(file, { group, part: `part${index}` });
    }
  const contentsOf = (group) =>
    groups[group]
      .map((path, index) => `export * as part${index} from ${JSON.stringify(join(source, path))};`)
      .join("\n");
  return {
    name: "grouped-imports",
    setup(bundler) {
      const namespace = "group-of-modules";
      bundler.onResolve({ filter: new RegExp(`^${prefix}`) }, ({ path }) => ({
        path: path.slice(prefix.length),
        namespace,
      }));
      bundler.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: contentsOf(path),
        resolveDir: source,
      }));
      bundler.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = text.replaceAll(dynamicImport, (whole, _quoted, wanted) => {
          const place = placeOf.get(resolve(dirname(path), wanted));
          if (place === undefined) return whole;
          return `import("${prefix}${place.group}").then((group) => group.${place.part})`;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}
