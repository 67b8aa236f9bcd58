import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cachedDataVersionTag } from "node:v8";

const warmUp = fileURLToPath(new URL("./warm-up.mjs", import.meta.url));
const warmUpTimeoutMs = 60_000;

/** Names of the files that `quickStart` leaves, for whoever clears old ones away. */
export const isQuickFile = (name) =>
  /^quick-[0-9a-f]{16}\.cjs(\.map|\.(v[^/]+-)?\d+\.compiled)?$/.test(name);

/**
 * The whole program as one script in `into`, and beside it what V8 has compiled of it while it was
 * on its way to the first request of a run. Returns the names of both, and what the launcher needs
 * to know. What was compiled is good for one version of V8 with its usual flags: its tag is part of
 * the name, so that any other Node.js does not even read it.
 */
export async function quickStart(build, options, into) {
  const result = await build({
    ...options,
    outdir: into,
    write: false,
    splitting: false,
    plugins: [...options.plugins, namedErrors],
    // A byte less to read is a byte less to hold; the map is for whoever reads a stack trace later.
    minifyIdentifiers: true,
    sourcemap: "external",
    sourcesContent: false,
    legalComments: "none",
    metafile: false,
    format: "cjs",
    // A script has no imports of its own; what stays outside is required.
    supported: { "dynamic-import": false },
    // It is put into this script as it is: what it is resolved from, it finds out when it runs.
    logOverride: { "require-resolve-not-external": "silent" },
    define: { ...options.define, "import.meta.url": "__url" },
    banner: { js: `${opening}const __url=require("node:url").pathToFileURL(__filename).href;` },
    footer: { js: "})" },
  });
  const [program] = result.outputFiles.filter(({ path }) => path.endsWith(".js"));
  const text = asciiOnly(program.text);
  const digest = sha256(text).slice(0, 16);
  const name = `quick-${digest}.cjs`;
  const file = join(into, name);
  await writeFile(file, text);
  await writeFile(`${file}.map`, result.outputFiles.find(({ path }) => path.endsWith(".map")).text);
  // By the release, as the launcher looks for it.
  const made = `${process.version}-${process.arch}-${cachedDataVersionTag()}`;
  const compiled = `${name}.${made}.compiled`;
  try {
    await promisify(execFile)(process.execPath, [warmUp, file, join(into, compiled)], {
      timeout: warmUpTimeoutMs,
      env: withoutSettings(process.env),
    });
    return { name, files: [name, `${name}.map`, compiled] };
  } catch (error) {
    // The program runs without it, slower.
    console.error(
      `build: nothing is compiled ahead (exit ${error?.code}): ${error?.message ?? error}`,
    );
    await rm(join(into, compiled), { force: true });
    return { name, files: [name, `${name}.map`] };
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

const opening = '(function(require,module,exports,__filename){"use strict";';

/**
 * The same program in ASCII, which is read as single bytes when it starts. The bundler leaves other
 * characters in patterns alone, where an escape means the same.
 */
function asciiOnly(text) {
  if (/\braw`[^`]*[^\0-\x7f]/.test(text)) throw new Error("a raw template is not ASCII");
  return text.replaceAll(/(\\?)([^\0-\x7f])/g, (_whole, slash, unit) => {
    if (slash !== "") throw new Error("a character that is not ASCII is escaped by a backslash");
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Nobody's settings take part in a build. */
function withoutSettings(environment) {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(AUTOSD_|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** `main.js`: starts the script when what was compiled of it fits, else the modules. */
export async function launcherFor(name) {
  const text = await readFile(new URL("launcher.js.txt", import.meta.url), "utf8");
  return text.replace("QUICK_NAME", () => name);
}
