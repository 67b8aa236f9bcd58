// The built program with a language model behind it: how long it takes from its start to the first
// request on the wire, how large that is, and what a whole run takes of memory. Prints one JSON object.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startModelServer } from "../test/support/model-server/server.ts";
import { sumsDocument, sumsModel } from "../test/support/model-world/scripted-sums.ts";

const orders = JSON.parse(process.argv[2] ?? "{}") as {
  readonly program: string;
  /** `bench/minimal-loop.mjs` */
  readonly floor: string;
  readonly rounds: number;
  readonly providers: readonly string[];
};

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly ms: number;
  readonly peakBytes: number;
}

const peakPollMs = 20;

/** What the process has held at most so far; 0 where the system (any but Linux) does not say. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    // From outside: whatever is loaded into the program changes how it starts.
    let peakBytes = 0;
    const watch = setInterval(
      () => (peakBytes = Math.max(peakBytes, peakOf(child.pid))),
      peakPollMs,
    );
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(watch);
      resolve({ code, stderr, ms: performance.now() - startMs, peakBytes });
    });
  });
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

const keys = { OPENAI_API_KEY: "k", ANTHROPIC_API_KEY: "k", GOOGLE_GENERATIVE_AI_API_KEY: "k" };
const folder = await mkdtemp(join(tmpdir(), "autosd-bench-models-"));
const document = join(folder, "sums.md");
await writeFile(document, sumsDocument);

function argsOf(provider: string, url: string, out: string): readonly string[] {
  const base = provider === "google" ? `${url}/v1beta` : `${url}/v1`;
  return [
    ...["run", "--requirements-file", document, "--output-dir", out, "--json"],
    ...["--provider", provider, "--model", "scripted", "--base-url", base],
  ];
}

/** From the start of the process until its first request has come; then the key is refused. */
async function startOf(
  argsFor: (url: string) => readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  let firstMs: number | undefined;
  let startMs = 0;
  const server = await startModelServer(() => {
    firstMs ??= performance.now() - startMs;
    return { kind: "refusal", status: 401, headers: {}, body: { error: { message: "no" } } };
  });
  try {
    startMs = performance.now();
    const ended = await run(argsFor(server.url), env);
    if (firstMs === undefined) throw new Error(`nothing was asked: ${ended.stderr}`);
    return firstMs;
  } finally {
    await server.close();
  }
}

function providerStart(provider: string, home: string, round: string): Promise<number> {
  const out = join(folder, `out-${provider}-${round}`);
  const env = { ...keys, AUTOSD_HOME: home };
  return startOf((url) => [orders.program, ...argsOf(provider, url, out)], env);
}

async function starts(): Promise<Readonly<Record<string, unknown>>> {
  const floor: number[] = [];
  const fresh = new Map(orders.providers.map((name) => [name, [] as number[]]));
  const used = new Map(orders.providers.map((name) => [name, [] as number[]]));
  // The first round fills the file cache.
  for (let round = 0; round <= orders.rounds; round += 1) {
    const journal = join(folder, "minimal.jsonl");
    const least = await startOf((url) => [orders.floor, journal, `${url}/v1/responses`], {});
    if (round > 0) floor.push(least);
    for (const provider of orders.providers) {
      const home = join(folder, `home-${provider}-${round}`);
      const first = await providerStart(provider, home, `${round}-fresh`);
      const second = await providerStart(provider, home, `${round}-used`);
      if (round > 0) {
        fresh.get(provider)?.push(first);
        used.get(provider)?.push(second);
      }
    }
  }
  const medians = (of: ReadonlyMap<string, readonly number[]>): Readonly<Record<string, number>> =>
    Object.fromEntries([...of].map(([name, ms]) => [name, median(ms)]));
  return { floorMs: median(floor), freshMs: medians(fresh), usedMs: medians(used) };
}

async function whole(): Promise<Readonly<Record<string, unknown>>> {
  const server = await startModelServer(sumsModel(() => undefined));
  try {
    const args = argsOf("openai", server.url, join(folder, "whole"));
    const env = { ...keys, AUTOSD_HOME: join(folder, "home-whole") };
    const ended = await run([orders.program, ...args], env);
    if (ended.code !== 0) throw new Error(`the run ended with ${ended.code}: ${ended.stderr}`);
    const firstBytes = server.ledger.entries[0]?.bytes;
    return { wholeMs: ended.ms, firstBytes, peakBytes: ended.peakBytes };
  } finally {
    await server.close();
  }
}

try {
  process.stdout.write(JSON.stringify({ ...(await starts()), ...(await whole()) }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
