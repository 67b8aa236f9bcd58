/**
 * `warm-up.mjs '{"file","entry","places","compiled"}'`: takes the program to the first request of a
 * run with each kind of provider, against a server of its own that never answers. Writes what V8 has
 * compiled by then to `compiled`, when named, and prints the names of the chunks that each run loaded.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import v8, { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { chunksOf } from "./loader.mjs";

const { file, entry, places, compiled } = JSON.parse(process.argv[2]);
const maxRunMs = 10_000;
/** What else the launcher starts from these chunks, and what changes nothing. */
const others = [
  ["policy", "show"],
  ["preauth", "list"],
  ["runs", "list"],
  ["audit", "verify"],
];
const folder = await mkdtemp(join(tmpdir(), "autosd-warm-up-"));
/** No question is answered: what an answer needs is no part of the start. */
let asked = false;
const server = createServer(() => (asked = true));

async function arranged() {
  await writeFile(join(folder, "sums.md"), "# Sums\n\nTwo numbers can be added.\n");
  process.chdir(folder);
  Object.assign(process.env, {
    AUTOSD_HOME: join(folder, "home"),
    OPENAI_API_KEY: "none",
    ANTHROPIC_API_KEY: "none",
    GOOGLE_GENERATIVE_AI_API_KEY: "none",
    OPENAI_COMPATIBLE_API_KEY: "none",
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

/** Until the first request, or the end of a program that asks nothing: its exit code is set by then. */
async function underWay() {
  const until = Date.now() + maxRunMs;
  const first = process.exitCode;
  while (!asked && first !== undefined && process.exitCode === first) {
    if (Date.now() > until) throw new Error("no request within the time");
    await pause(1);
  }
}

/** Scripts are shared by all runs: what one has compiled, the others have. */
const scripts = new Map();
/** What is loaded by runs that wait already goes into no file. */
const wanted = new Set();

function scriptOf(source, name) {
  const [offset, length, lineOffset] = places[name];
  const text = source.latin1Slice(offset, offset + length);
  const script = scripts.get(name)?.script ?? new Script(text, { filename: file, lineOffset });
  scripts.set(name, { script, text, lineOffset });
  return script;
}

/** Starts the program and returns the names of the chunks that it has loaded by its request or end. */
async function started(source, args) {
  process.argv = [process.execPath, file, ...args];
  process.exitCode = undefined;
  asked = false;
  const names = new Set([entry]);
  let waits = false;
  const script = (name) => {
    if (!waits) wanted.add(name);
    if (!waits) names.add(name);
    return scriptOf(source, name);
  };
  const url = pathToFileURL(file).href;
  chunksOf({ script, require: createRequire(file), url })(entry);
  await underWay();
  waits = true;
  return names;
}

/** Each script's part of one file: a length, a table by name of place and digest, and the parts. */
function compiledFile(compiledForRuns) {
  const parts = [...wanted].map((name) => {
    const { script, text, lineOffset } = scripts.get(name);
    const cachedData = name === "" ? compiledForRuns : script.createCachedData();
    if (new Script(text, { filename: file, lineOffset, cachedData }).cachedDataRejected)
      throw new Error("V8 does not take back what it compiled");
    return { name, cachedData, digest: createHash("sha256").update(cachedData).digest("hex") };
  });
  // Places have as many digits as the longest: the table is as long whatever they are.
  const table = (start) => {
    let at = start;
    const rows = parts.map(({ name, cachedData, digest }) => {
      const row = [name, [at, cachedData.length, digest]];
      at += cachedData.length;
      return row;
    });
    return Buffer.from(JSON.stringify(Object.fromEntries(rows)).padEnd(200 * (rows.length + 1)));
  };
  const length = Buffer.alloc(8);
  length.writeUInt32LE(table(0).length);
  const start = length.length + table(0).length;
  return Buffer.concat([length, table(start), ...parts.map(({ cachedData }) => cachedData)]);
}

const usualTag = cachedDataVersionTag();
const answer = process.stdout.write.bind(process.stdout);
const { exit } = process;
/** The chunks that every run has loaded. */
let loaded;
try {
  // What was compiled and not used for a while is otherwise thrown away.
  setFlagsFromString("--no-flush-bytecode");
  const url = await arranged();
  const source = await readFile(file);
  // Each run of the program would end this process, and its output is nobody's.
  process.exit = () => undefined;
  // What the program changes of V8 while it runs is not in force when it starts.
  v8.setFlagsFromString = () => undefined;
  process.stdout.write = process.stderr.write = (_text, encoding, written) => {
    process.nextTick(() => (typeof encoding === "function" ? encoding : written)?.());
    return true;
  };
  for (const provider of ["openai", "anthropic", "google", "openai-compatible"]) {
    const base = provider === "google" ? "v1beta" : "v1";
    const flags = ["--json", "--provider", provider, "--model", "none"];
    const folders = ["--requirements-file", "sums.md", "--output-dir", `out-${provider}`];
    const args = ["run", ...folders, ...flags, "--base-url", `${url}/${base}`];
    const names = await started(source, args);
    loaded = loaded === undefined ? names : new Set([...loaded].filter((name) => names.has(name)));
  }
  // What is compiled is good for the flags in force when it is taken: the usual ones.
  setFlagsFromString("--flush-bytecode");
  if (cachedDataVersionTag() !== usualTag) throw new Error("V8 is not set as it was at the start");
  if (compiled !== undefined) {
    // Before other commands are taken to their end, which need the script of all runs as it is.
    const compiledForRuns = scripts.get("").script.createCachedData();
    setFlagsFromString("--no-flush-bytecode");
    for (const args of others) await started(source, args);
    setFlagsFromString("--flush-bytecode");
    await writeFile(compiled, compiledFile(compiledForRuns));
  }
  await new Promise((written) => answer(JSON.stringify([...loaded]), written));
} finally {
  server.close();
  // The runs still wait there: what they leave is no reason to fail.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 }).catch(
    () => undefined,
  );
}
exit(0);
