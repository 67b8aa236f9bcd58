import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const require = createRequire(import.meta.url);

/** Native packages cannot be bundled, and a bundle in a temporary folder finds no node_modules. */
const nativePackages: Plugin = {
  name: "native-packages",
  setup(plugin) {
    plugin.onResolve({ filter: /^(libsql|fs-native-extensions)$/ }, ({ path }) => ({
      path: pathToFileURL(require.resolve(path)).href,
      external: true,
    }));
  },
};

/** Bundles a worker program into `folder`, so that it starts in an instant, and returns its path. */
export async function bundleWorker(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    plugins: [nativePackages],
    logLevel: "error",
  });
  return outfile;
}
