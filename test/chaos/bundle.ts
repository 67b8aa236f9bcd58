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

/** Bundles a worker program of this folder into `folder`, so that it starts in an instant, and returns its path. */
export function bundleWorker(name: string, folder: string): Promise<string> {
  return bundleModule(join(import.meta.dirname, `${name}.ts`), join(folder, `${name}.mjs`));
}

/** Bundles `source` into a module that a plain Node process can load, and returns its path. */
export async function bundleModule(source: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [source],
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
