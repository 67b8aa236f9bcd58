import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cachedDataVersionTag } from "node:v8";
import { chunksOf, sliceOf } from "./loader.mjs";
import { modulesOf, packed } from "./packed-chunks.mjs";

const warmUp = fileURLToPath(new URL("./warm-up.mjs", import.meta.url));
const warmUpTimeoutMs = 60_000;

/** Names of the files that `quickStart` leaves, for whoever clears old ones away. */
export const isQuickFile = (name) =>
  /^quick-[0-9a-f]{16}\.cjs(\.map|\.(v[^/]+-)?\d+\.compiled)?$/.test(name);

/**
 * The whole program as chunks in one file of `into`, and beside it what V8 has compiled of them while
 * a run was on its way to its first request. What every such run loads is one script; each other
 * chunk is read when it is wanted. Returns the names of both files, and what the launcher needs to
 * know. What was compiled is good for one version of V8 with its usual flags: its tag is part of the
 * name, so that any other Node.js does not even read it.
 */
export async function quickStart(esbuild, options, into) {
  const bundled = await esbuild.build({
    ...options,
    outdir: into,
    chunkNames: "[name]-[hash]",
    write: false,
    splitting: true,
    format: "esm",
    plugins: [namedErrors, ...options.plugins],
    // A byte less to read is a byte less to hold; the map is for whoever reads a stack trace later.
    minifyIdentifiers: true,
    sourcemap: "external",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    // What it is resolved from, it finds out when it runs.
    logOverride: { "require-resolve-not-external": "silent" },
    define: { ...options.define, "import.meta.url": "__url" },
  });
  const modules = modulesOf(bundled);
  const entry = "quick.js";
  const first = await loadedByEach(await packed(esbuild, modules, new Set()), entry, into);
  const { text, map, places } = await packed(esbuild, modules, first);
  const name = `quick-${sha256(text).slice(0, 16)}.cjs`;
  const file = join(into, name);
  // By the release, as the launcher looks for it.
  const made = `${process.version}-${process.arch}-${cachedDataVersionTag()}`;
  const compiled = `${name}.${made}.compiled`;
  await writeFile(file, text);
  await writeFile(`${file}.map`, JSON.stringify(map));
  const known = { name, entry, places, files: [name, `${name}.map`] };
  const ended = await warmedUp({ file, entry, places, compiled: join(into, compiled) });
  return ended === undefined ? known : { ...known, files: [...known.files, compiled] };
}

/** Names of the chunks that each run has loaded by its first request. */
async function loadedByEach({ text, places }, entry, into) {
  const file = join(into, "quick-unsorted.cjs");
  try {
    await writeFile(file, text);
    return new Set((await warmedUp({ file, entry, places })) ?? []);
  } finally {
    await rm(file, { force: true });
  }
}

/** What warm-up.mjs says; undefined, and said why, when it failed: the program runs without, slower. */
async function warmedUp(orders) {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [warmUp, JSON.stringify(orders)],
      { timeout: warmUpTimeoutMs, env: withoutSettings(process.env) },
    );
    return JSON.parse(stdout);
  } catch (error) {
    console.error(
      `build: nothing is compiled ahead (exit ${error?.code}): ${error?.message ?? error}`,
    );
    if (orders.compiled !== undefined) await rm(orders.compiled, { force: true });
    return undefined;
  }
}

/** Errors take their names from their classes, which have others here. */
const namedErrors = {
  name: "named-errors",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]src[\\/].*errors?\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll(
        /^((?:export )?(?:abstract )?class (\w+) extends [^{\n]+\{)$/gm,
        (_line, head, name) => `${head} static name = "${name}";`,
      ),
      loader: "ts",
    }));
  },
};

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/** Nobody's settings take part in a build. */
function withoutSettings(environment) {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(AUTOSD_|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** `main.js`: starts the packed chunks when what was compiled of them fits, else the modules. */
export async function launcherFor({ name, entry, places }) {
  const text = await readFile(new URL("launcher.js.txt", import.meta.url), "utf8");
  return text
    .replace("PLACES", () => JSON.stringify(places))
    .replace("CHUNKS_OF", () => String(chunksOf))
    .replace("SLICE_OF", () => String(sliceOf))
    .replace("QUICK_NAME", () => name)
    .replace("ENTRY_NAME", () => entry);
}
