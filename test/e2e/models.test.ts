import { chmod, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Place } from "../support/cli.ts";
import { refuse, say } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";

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
