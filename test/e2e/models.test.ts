import { chmod, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Place } from "../support/cli.ts";
import { refuse, say } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { endOf, oneSumRun, toldCommand } from "../support/model-world/place.ts";
import { oneSumModel } from "../support/model-world/scripted-sums.ts";

const key = "key-of-the-scripted-provider-0123456789";
let place: Place;
let server: ModelServer | undefined;

beforeEach(async () => {
  place = await Place.create();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await place.dispose();
});

function run(more: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return place.autosd(
    [
      "run",
      "--requirements-text",
      "A service that stores bookmarks.",
      "--output-dir",
      "app",
      ...more,
    ],
    { env },
  );
}

async function keyFile(mode: number): Promise<string> {
  const file = place.path("key");
  await writeFile(file, `${key}\n`);
  await chmod(file, mode);
  return file;
}

test("a model is asked with the key of the file; an empty account ends the run with exit 5, the key nowhere", async () => {
  server = await startModelServer(
    () => refuse(429, {}, { code: "insufficient_quota", message: `no credit for ${key}` }),
    { key },
  );
  const { code, stdout, stderr } = await run([
    ...["--provider", "openai-compatible", "--model", "scripted", "--verbose"],
    ...["--base-url", `${server.url}/v1`, "--key-file", await keyFile(0o600)],
  ]);
  expect(stderr).toContain("AUTOSD-MODEL-QUOTA");
  expect(code).toBe(5);
  expect(server.ledger.entries).toHaveLength(1);
  const log = await readFile(place.path("home", "autosd.log"), "utf8");
  expect(stdout + stderr + log).not.toContain(key);
});

test("a limit that resets too late ends the run with exit 7, the time and the way on", async () => {
  server = await startModelServer(() => refuse(429, { "x-ratelimit-reset-requests": "15m0s" }));
  const { code, stderr } = await run(
    [...["--provider", "openai", "--model", "scripted", "--base-url", `${server.url}/v1`]],
    { OPENAI_API_KEY: key },
  );
  expect(code).toBe(7);
  expect(stderr).toContain("AUTOSD-MODEL-RATE-LIMITED");
  expect(stderr).toMatch(/autosd runs resume/);
  expect(server.ledger.entries).toHaveLength(1);
});

test.each([
  ["a byte of no text", Buffer.from("sk-\xff", "latin1"), "has a character that no key has"],
  ["a space inside", Buffer.from("sk-one two"), "has a character that no key has"],
  ["nothing", Buffer.from("\n"), "No key is in the first line"],
])("a key file with %s is refused before anything is asked, and named", async (_, bytes, said) => {
  server = await startModelServer(() => say("{}"));
  const file = await keyFile(0o600);
  await writeFile(file, bytes);
  const { code, stderr } = await run([
    ...["--provider", "openai-compatible", "--model", "scripted"],
    ...["--base-url", `${server.url}/v1`, "--key-file", file],
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain("AUTOSD-MODEL-AUTH");
  expect(stderr).toContain(said);
  expect(stderr).toContain(file);
  expect(server.ledger.entries).toEqual([]);
});

test("a key that others can read is refused before anything is asked", async () => {
  server = await startModelServer(() => say("{}"));
  const { code, stderr } = await run([
    ...["--provider", "openai-compatible", "--model", "scripted"],
    ...["--base-url", `${server.url}/v1`, "--key-file", await keyFile(0o644)],
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain("chmod go-rwx");
  expect(server.ledger.entries).toHaveLength(0);
});

test("a provider without a model or a key is refused with what is missing", async () => {
  expect(await run(["--provider", "openai"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--model NAME") as string,
  });
  expect(await run(["--provider", "anthropic", "--model", "scripted"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("ANTHROPIC_API_KEY") as string,
  });
});

test("requirements are refined with a model, whose answer a later run goes by without asking again", async () => {
  const unexpected: string[] = [];
  server = await startModelServer(
    oneSumModel((call) => unexpected.push(call.system)),
    { key },
  );
  const run = await oneSumRun(place, "openai-compatible", `${server.url}/v1`, [
    ...["--key-file", await keyFile(0o600)],
  ]);
  const refine = ["refine", ...run.slice(1)];
  const refined = await place.autosd(refine);
  expect(refined.code, refined.stderr).toBe(0);
  expect(JSON.parse(refined.stdout)).toMatchObject({ gaps: [], refined: { title: "Sums" } });
  expect(server.ledger.entries).toHaveLength(1);
  expect((await place.autosd(refine)).code).toBe(0);
  const planned = await place.autosd([...run, "--execution-mode", "planning"]);
  expect(planned.code, planned.stderr).toBe(0);
  // The platform and the design were asked for, the stories were not.
  expect(server.ledger.entries).toHaveLength(3);
  expect(unexpected).toEqual([]);
});

test("while requirements are refined in a folder, nothing else works there", async () => {
  // Whoever asks besides the first one gets an answer that ends it: it must not wait for ever.
  const besides = refuse(400, {}, { code: "bad", message: "nobody else may ask" });
  server = await startModelServer(({ number }) => (number === 0 ? { kind: "hang" } : besides));
  const run = await oneSumRun(place, "openai-compatible", `${server.url}/v1`);
  const refining = place.start(["refine", ...run.slice(1)]);
  const end = endOf(refining);
  try {
    await expect.poll(() => server?.ledger.entries.length, { timeout: 240_000 }).toBe(1);
    for (const other of [run, ["refine", ...run.slice(1)]]) {
      const refused = await place.autosd(other);
      expect(refused.code, refused.stdout).toBe(2);
      expect(refused.stdout).toContain("AUTOSD-RUN-BUSY");
    }
    expect(server.ledger.entries).toHaveLength(1);
  } finally {
    refining.kill("SIGINT");
  }
  expect(await end).toMatchObject({ code: 130 });
});

test("planning that may take no more says how to give the same command again", async () => {
  server = await startModelServer(() => say("{}"));
  const run = await oneSumRun(place, "openai-compatible", `${server.url}/v1`);
  const refined = await place.autosd(["refine", ...run.slice(1), "--max-tokens", "1000"]);
  expect(refined.code).toBe(7);
  expect(refined.stdout).toMatch(/"remedy":"the same command with --max-tokens \d+"/);
  expect(server.ledger.entries).toHaveLength(0);
});

test("a run whose key is refused, or gone, waits for the right one under its own name", async () => {
  server = await startModelServer(() => refuse(400, {}, { code: "bad", message: "no" }), { key });
  const run = await oneSumRun(place, "openai", `${server.url}/v1`);
  const refused = await place.autosd(run, { env: { OPENAI_API_KEY: `${key}-not` } });
  expect(refused.code, refused.stdout).toBe(2);
  const resume = toldCommand(refused.stdout, /autosd runs resume run_\w+/);
  expect(await place.autosd([...resume])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("OPENAI_API_KEY") as string,
  });
  const resumed = await place.autosd([...resume], { env: { OPENAI_API_KEY: key } });
  expect(resumed.stderr).toContain("AUTOSD-MODEL-REFUSED");
  expect(resumed.code).toBe(5);
  expect(server.ledger.entries).toHaveLength(2);
});

test("large requirements reach the model whole, or are refused before anything is paid for", async () => {
  const asked: string[] = [];
  server = await startModelServer((call) => {
    asked.push(call.turns[0]?.text ?? "");
    return refuse(400);
  });
  const sentences = (count: number): string =>
    Array.from(
      { length: count },
      (_, at) =>
        `Rule ${String(at)} says that a thing of kind ${String(at)} can be stored and found again.`,
    ).join("\n\n");
  const refine = async (text: string) => {
    await writeFile(place.path("large.md"), `# Large\n\n${text}\n`);
    return place.autosd([
      ...["refine", "--requirements-file", place.path("large.md"), "--output-dir", "large"],
      ...["--provider", "openai-compatible", "--model", "scripted"],
      ...["--base-url", `${server?.url ?? ""}/v1`],
    ]);
  };
  const large = sentences(1_450);
  expect(large.length).toBeGreaterThan(100_000);
  expect((await refine(large)).stderr).toContain("AUTOSD-MODEL-REFUSED");
  expect(asked).toHaveLength(1);
  const missing = large.split("\n\n").filter((sentence) => !asked[0]?.includes(sentence));
  expect(missing).toEqual([]);
  const { code, stderr } = await refine(sentences(2_800));
  expect(code).toBe(5);
  expect(stderr).toMatch(/take about \d+ tokens/);
  expect(stderr).toContain("Split the requirements");
  expect(asked).toHaveLength(1);
});

test("answers have as much room as the configured context leaves, for each model its own", async () => {
  const asked: (readonly [string, number | undefined])[] = [];
  server = await startModelServer((call) => {
    asked.push([call.model, call.maxOutputTokens]);
    return refuse(429, {}, { code: "insufficient_quota", message: "no credit" });
  });
  const line = ["--provider", "openai-compatible", "--model", "small"];
  const at = ["--base-url", `${server.url}/v1`];
  const env = { AUTOSD_MODEL_CONTEXT_TOKENS: "8192", AUTOSD_PLANNER_MODEL_CONTEXT_TOKENS: "16384" };
  expect((await run([...line, ...at], { AUTOSD_MODEL_CONTEXT_TOKENS: "8192" })).code).toBe(5);
  const apart = [...at, "--planner-model", "other", "--output-dir", "apart"];
  expect((await run([...line, ...apart], env)).code).toBe(5);
  expect(asked).toEqual([
    ["small", 4_096],
    ["other", 8_192],
  ]);
});

test("a request that stays too long for the model ends with exit 5, asked twice, and says what helps", async () => {
  const message = "This model's maximum context length is 2048 tokens.";
  server = await startModelServer(() =>
    refuse(400, {}, { code: "context_length_exceeded", message }),
  );
  const { code, stderr } = await run([
    ...["--provider", "openai-compatible", "--model", "tiny", "--base-url", `${server.url}/v1`],
  ]);
  expect(stderr).toContain("AUTOSD-MODEL-CONTEXT");
  expect(stderr).toContain("modelContextTokens");
  expect(code).toBe(5);
  expect(server.ledger.entries).toHaveLength(2);
});

test("a folder that cannot be made is refused as such before anything is asked", async () => {
  server = await startModelServer(() => say("no"));
  const { code, stderr } = await run([
    ...["--provider", "openai-compatible", "--model", "scripted", "--base-url", `${server.url}/v1`],
    ...["--output-dir", "/proc/app"],
  ]);
  expect(stderr).toContain("/proc/app cannot be written");
  expect(stderr).toContain("AUTOSD-OUTPUT-UNWRITABLE");
  expect(code).toBe(2);
  expect(server.ledger.entries).toEqual([]);
});
