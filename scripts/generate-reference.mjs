#!/usr/bin/env node
/**
 * Writes docs/reference/{errors,config,cli}.md from what the program itself is made of: the error
 * tables in files named errors.ts, the option table of src/config/options.ts, the commands of
 * src/cli/program.ts. `--check` writes nothing, shows what is stale, and then exits 1.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { renderCli } from "./reference/render-cli.mjs";
import { renderConfig } from "./reference/render-config.mjs";
import { collectErrors, renderErrors } from "./reference/render-errors.mjs";
import { differences } from "./reference/differences.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "src");
const reference = join(root, "docs", "reference");

function sourceFiles(named) {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => path === named || path.endsWith(`/${named}`))
    .sort();
}

/** The modules that the reference is made from, by path below src/; bundled, because Node 20 runs no TypeScript. */
async function loadSources(paths) {
  const folder = mkdtempSync(join(tmpdir(), "autosd-reference-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const outfile = join(folder, "sources.mjs");
    const contents = paths.map((path, at) => `export * as m${at} from "./${path}";`).join("\n");
    await build({
      stdin: { contents, resolveDir: source, loader: "ts" },
      outfile,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      define: { __AUTOSD_VERSION__: '"0.0.0"' },
      logLevel: "error",
    });
    const modules = await import(pathToFileURL(outfile).href);
    return new Map(paths.map((path, at) => [path, modules[`m${at}`]]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function render() {
  const tables = sourceFiles("errors.ts");
  const fixed = ["config/options.ts", "config/describe-type.ts", "cli/program.ts"];
  const present = fixed.filter((path) => existsSync(join(source, path)));
  const modules = await loadSources([...tables, ...present]);
  const { errors, problems } = collectErrors(tables.map((path) => [path, modules.get(path)]));
  const pages = new Map([["errors.md", renderErrors(errors)]]);
  const options = modules.get("config/options.ts")?.options;
  const describeType = modules.get("config/describe-type.ts")?.describeType;
  if (options !== undefined) pages.set("config.md", renderConfig(options, describeType));
  const buildProgram = modules.get("cli/program.ts")?.buildProgram;
  if (buildProgram !== undefined) {
    const cli = renderCli(buildProgram);
    pages.set("cli.md", cli.page);
    problems.push(...flagProblems(options ?? {}, cli.flags));
  }
  return { pages, problems };
}

/** A flag that the option table promises and no command has would be a lie of the reference. */
function flagProblems(options, flags) {
  return Object.entries(options)
    .filter(([, option]) => option.flag !== undefined && !flags.has(option.flag))
    .map(([name, option]) => `config option ${name}: no command has the flag ${option.flag}`);
}

function readPage(name) {
  const file = join(reference, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Whole or not at all: a reader never meets half a page. */
function writePage(name, text) {
  mkdirSync(reference, { recursive: true });
  const file = join(reference, name);
  const whole = `${file}.${process.pid}.tmp`;
  writeFileSync(whole, text);
  renameSync(whole, file);
}

function check(pages) {
  let stale = 0;
  for (const [name, text] of pages) {
    const now = readPage(name);
    if (now === text) continue;
    stale += 1;
    const path = relative(root, join(reference, name));
    process.stderr.write(`${path} is stale; npm run generate writes it anew:\n`);
    process.stderr.write(`${differences(now, text)}\n`);
  }
  return stale;
}

const { pages, problems } = await render();
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else if (process.argv.includes("--check")) process.exitCode = check(pages) > 0 ? 1 : 0;
else for (const [name, text] of pages) writePage(name, text);
