/**
 * `warm-up.mjs SCRIPT COMPILED`: takes the program to the first request of a run with each kind of
 * provider, against a server of its own that refuses the key, and keeps what V8 has compiled by then.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import v8, { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

const [file, compiled] = process.argv.slice(2);
const maxRunMs = 10_000;
const folder = await mkdtemp(join(tmpdir(), "autosd-warm-up-"));
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(401, { "content-type": "application/json" });
    response.end('{"error":{"message":"no"}}');
  });
});

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

/** The program says how it ended by the exit code; one that sets none at once is over already. */
async function ended() {
  const until = Date.now() + maxRunMs;
  const first = process.exitCode;
  if (first === undefined) return;
  while (process.exitCode === first && Date.now() < until) await pause(5);
}

const usualTag = cachedDataVersionTag();
const { exit } = process;
const write = process.stdout.write;
try {
  // What was compiled and not used for a while is otherwise thrown away.
  setFlagsFromString("--no-flush-bytecode");
  const url = await arranged();
  const source = await readFile(file, "latin1");
  const script = new Script(source, { filename: file });
  const start = script.runInThisContext();
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
    const places = ["--requirements-file", "sums.md", "--output-dir", `out-${provider}`];
    process.argv = [process.execPath, file, "run", ...places, ...flags];
    process.argv.push("--base-url", `${url}/${base}`);
    process.exitCode = undefined;
    const module = { exports: {} };
    start(createRequire(file), module, module.exports, file);
    await ended();
  }
  // What is compiled is good for the flags in force now: the usual ones.
  setFlagsFromString("--flush-bytecode");
  if (cachedDataVersionTag() !== usualTag) throw new Error("V8 is not set as it was at the start");
  const cachedData = script.createCachedData();
  if (new Script(source, { filename: file, cachedData }).cachedDataRejected)
    throw new Error("V8 does not take back what it compiled");
  // The launcher compares the digest before it hands the rest to V8.
  const digest = createHash("sha256").update(cachedData).digest();
  await writeFile(compiled, Buffer.concat([digest, cachedData]));
} finally {
  process.exit = exit;
  process.stdout.write = write;
  server.close();
  // The program's last run may still be at work there: what it leaves is no reason to fail.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 }).catch(
    () => undefined,
  );
}
// The program's last run may still be setting an exit code of its own.
process.exit(0);
