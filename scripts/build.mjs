#!/usr/bin/env node
/**
 * Bundles src/main.ts into dist/: `full.js` and content-named chunks below `chunks/`; the same once
 * more in one file with what V8 has compiled of it; and `main.js`, which starts one of them.
 *
 * Chunks are put in place first and `main.js` last, each by rename, so that whoever starts autosd
 * meets either the old program or the new one, whole; old chunks stay for a while because a
 * running process may still import one. `--clean` removes them at once (used before packing).
 */
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { directLoading } from "./build/direct-loading.mjs";
import { groupedImports } from "./build/grouped-imports.mjs";
import { isQuickFile, launcherFor, quickStart } from "./build/quick-start.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const stagingPrefix = ".autosd-build-";
const staleAfterMs = 60 * 60 * 1000;

/**
 * Loaded from node_modules at run time: they carry native code or WebAssembly that cannot be bundled,
 * or (Cedar, tree-sitter) may not be there at all.
 */
const external = [
  "fs-native-extensions/package.json",
  "@cedar-policy/cedar-wasm",
  "@vscode/tree-sitter-wasm",
];

const banner = [
  // Bundled CommonJS packages call require() for Node's built-ins.
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
].join("\n");

/**
 * zod brings its messages in fifty languages, half of its size, and loads all of them at start.
 * Only English is used, and zod itself sets it.
 */
const englishOnly = {
  name: "english-only",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

async function bundle(into, clean) {
  const esbuild = await import("esbuild");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const options = {
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20",
    external,
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: false,
    define: { __AUTOSD_VERSION__: JSON.stringify(version) },
    logLevel: "warning",
  };
  const result = await esbuild.build({
    ...options,
    entryPoints: { full: "src/main.ts" },
    outdir: into,
    splitting: true,
    format: "esm",
    chunkNames: "chunks/[name]-[hash]",
    plugins: [englishOnly, directLoading(), groupedImports(root)],
    sourcemap: "linked",
    sourcesContent: false,
    banner: { js: banner },
    legalComments: "linked",
    metafile: true,
  });
  const files = Object.keys(result.metafile.outputs).map((file) =>
    relative(into, join(root, file)),
  );
  // A package is for whatever Node.js it meets; a clone is built by the one that runs it.
  const quick = clean
    ? { name: "", entry: "", places: {}, files: [] }
    : await quickStart(
        esbuild,
        {
          ...options,
          entryPoints: { quick: "src/main.ts" },
          plugins: [englishOnly, directLoading(), groupedImports(root)],
        },
        into,
      );
  const main = join(into, "main.js");
  await writeFile(main, await launcherFor(quick));
  await chmod(main, 0o755);
  return [...files, ...quick.files, "main.js"];
}

/** Removes chunks that the new program does not import and no running one can still want. */
async function removeOldChunks(current, clean) {
  const folder = join(dist, "chunks");
  for (const name of await readdir(folder).catch(() => [])) {
    if (current.has(name)) continue;
    const path = join(folder, name);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (clean || age > staleAfterMs) await rm(path, { force: true });
  }
  // Whoever runs an old script has read it whole; who was about to takes the modules.
  for (const name of await readdir(dist))
    if (isQuickFile(name) && !current.has(name)) await rm(join(dist, name), { force: true });
}

/** What a build that was killed has left. */
async function removeOldStaging() {
  for (const name of await readdir(root)) {
    if (!name.startsWith(stagingPrefix)) continue;
    const path = join(root, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > staleAfterMs) await rm(path, { recursive: true, force: true });
  }
}

async function main() {
  const clean = process.argv.includes("--clean");
  await mkdir(join(dist, "chunks"), { recursive: true });
  // Beside its destination: a rename works only within one file system.
  const staging = await mkdtemp(join(root, stagingPrefix));
  try {
    const files = await bundle(staging, clean);
    const last = (file) => (basename(file) === "main.js" ? 1 : 0);
    for (const file of [...files].sort((a, b) => last(a) - last(b)))
      await rename(join(staging, file), join(dist, file));
    await removeOldChunks(new Set(files.map((file) => basename(file))), clean);
    await removeOldStaging();
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  // The bundler has already shown its own messages.
  if (!Array.isArray(error?.errors)) console.error(`build: ${error?.stack ?? error}`);
}
