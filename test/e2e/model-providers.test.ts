import { chmod, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import {
  callTool,
  type ModelCall,
  type ModelScript,
  refuse,
} from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import {
  type Environment,
  endOf,
  filesWith,
  oneSumRun,
  toldCommand,
} from "../support/model-world/place.ts";
import {
  oneSumCalls,
  oneSumModel,
  sumsDocument,
  sumsModel,
} from "../support/model-world/scripted-sums.ts";

const key = ["seven", "purple", "lamps", "under", "water"].join("-");
let place: Place;
let server: ModelServer | undefined;
const unexpected: string[] = [];
const knowing = oneSumModel((call) => unexpected.push(JSON.stringify(call.turns)));

beforeEach(async () => {
  unexpected.length = 0;
  place = await Place.create();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await place.dispose();
});

/** The knowing model, but for single requests, told by their number. */
function butFor(mishaps: Readonly<Record<number, ModelScript>>): ModelScript {
  return (call) => (mishaps[call.number] ?? knowing)(call);
}

async function answerOf(call: ModelCall) {
  const reply = await knowing(call);
  if (reply.kind !== "answer") throw new Error("the scripted model has no answer");
  return reply;
}

async function keyFile(): Promise<string> {
  const file = place.path("key");
  await writeFile(file, `${key}\n`);
  await chmod(file, 0o600);
  return file;
}

async function expectOneSum(ran: CliResult): Promise<void> {
  expect(ran.code, ran.stderr).toBe(0);
  const { outcome, stories } = JSON.parse(ran.stdout) as RunResult;
  expect({ outcome, stories: stories.map(({ status }) => status) }).toEqual({
    outcome: "verified",
    stories: ["done"],
  });
  const log = await place.run("git", ["-C", place.path("sum"), "log", "--format=%s"]);
  expect(log.stdout.trim().split("\n")).toHaveLength(1);
  expect(unexpected).toEqual([]);
}

interface Case {
  readonly provider: string;
  readonly path: RegExp;
  readonly base: string;
  readonly environment: Environment;
  readonly mishap: string;
  readonly script: ModelScript;
  readonly refused: number;
  readonly cut: number;
}

const cases: readonly Case[] = [
  {
    provider: "anthropic",
    path: /\/v1\/messages$/,
    base: "/v1",
    environment: { ANTHROPIC_API_KEY: key },
    mishap: "a limit that says when it resets",
    script: butFor({ 1: () => refuse(429, { "retry-after": "1" }) }),
    refused: 1,
    cut: 0,
  },
  {
    provider: "google",
    path: /\/v1beta\/models\/scripted:streamGenerateContent/,
    base: "/v1beta",
    environment: { GEMINI_API_KEY: key },
    mishap: "an answer that breaks off while it calls a tool",
    script: butFor({ 3: async (call) => ({ ...(await answerOf(call)), delivery: "cut" }) }),
    refused: 0,
    cut: 1,
  },
  {
    provider: "openai-compatible",
    path: /\/v1\/chat\/completions$/,
    base: "/v1",
    environment: {},
    mishap: "a server that fails once, and an answer that ends too early",
    script: butFor({
      2: () => refuse(500),
      4: async (call) => ({ ...(await answerOf(call)), delivery: "eof" }),
    }),
    refused: 1,
    cut: 1,
  },
];

describe("a product through the built program", () => {
  it.each(cases)("is built with $provider, in spite of $mishap", async (one) => {
    server = await startModelServer(one.script, { key });
    const given = one.provider === "openai-compatible" ? ["--key-file", await keyFile()] : [];
    const args = await oneSumRun(place, one.provider, `${server.url}${one.base}`, given);
    await expectOneSum(await place.autosd(args, { env: one.environment }));
    const { entries, paid, refused } = server.ledger;
    for (const { path } of entries) expect(path).toMatch(one.path);
    expect(refused).toHaveLength(one.refused);
    expect(paid).toHaveLength(oneSumCalls + one.cut);
    // What broke off is asked for again, word for word, and nothing else is.
    expect(new Set(paid.map(({ request }) => request)).size).toBe(oneSumCalls);
  });
});

describe("a run with a model that is stopped", () => {
  const environment = { ANTHROPIC_API_KEY: key };
  const hang: ModelScript = () => ({ kind: "hang" });

  it("goes on after a spent budget, Ctrl-C and kill -9, and pays for no answer twice", async () => {
    server = await startModelServer(butFor({ 2: hang, 5: hang }), { key });
    const told = /autosd runs resume \S+ --max-tokens \d+/;
    const args = await oneSumRun(place, "anthropic", `${server.url}/v1`, ["--max-tokens", "1000"]);
    const poor = await place.autosd(args, { env: environment });
    expect(poor.code, poor.stderr).toBe(7);
    expect(poor.stdout).toContain("AUTOSD-BUDGET-SPENT");
    expect(server.ledger.entries).toHaveLength(0);

    const [runs = "", resume = "", run = ""] = toldCommand(poor.stdout, told);
    const again = [runs, resume, run, "--max-tokens", "1000000", "--json"];
    const interrupted = place.start(again, { env: environment });
    const interruptedEnd = endOf(interrupted);
    await hungTimes(1);
    interrupted.kill("SIGINT");
    expect(await interruptedEnd).toMatchObject({ code: 130 });

    const killed = place.start(again, { env: environment });
    const killedEnd = endOf(killed);
    await hungTimes(2);
    killed.kill("SIGKILL");
    expect(await killedEnd).toMatchObject({ signal: "SIGKILL" });

    await expectOneSum(await place.autosd(again, { env: environment }));
    const { paid } = server.ledger;
    expect(paid).toHaveLength(oneSumCalls);
    expect(new Set(paid.map(({ request }) => request)).size).toBe(oneSumCalls);
  });

  it("goes on as it was told to when a limit reset later than it would wait", async () => {
    server = await startModelServer(butFor({ 3: () => refuse(429, { "retry-after": "4" }) }), {
      key,
    });
    const more = ["--wait-for-reset", "1s"];
    const args = await oneSumRun(place, "anthropic", `${server.url}/v1`, more);
    const limited = await place.autosd(args, { env: environment });
    expect(limited.code, limited.stderr).toBe(7);
    const command = toldCommand(limited.stdout, /autosd runs resume \S+ --wait-for-reset [^\s"]+/);
    await expectOneSum(await place.autosd([...command, "--json"], { env: environment }));
    expect(server.ledger.paid).toHaveLength(oneSumCalls);
  });

  it("ends with exit 8 when story after story only goes round in circles, and says what was seen", async () => {
    const sums = sumsModel((call) => unexpected.push(JSON.stringify(call.turns)));
    server = await startModelServer(
      (call) =>
        /^# Story\nST-[23]:/.test(call.turns[0]?.text ?? "") ? callTool("list", {}) : sums(call),
      { key },
    );
    const args = await oneSumRun(place, "anthropic", `${server.url}/v1`);
    await writeFile(place.path("one-sum.md"), sumsDocument);
    const ran = await place.autosd(args, { env: environment });
    expect(ran.code, ran.stderr).toBe(8);
    expect(ran.stdout).toContain("AUTOSD-NO-PROGRESS");
    expect(ran.stdout).toMatch(/ST-2 attempt 1: no progress: .*ST-3 attempt 1: no progress: /);
    expect(ran.stdout).toMatch(/autosd runs resume run_/);
    const log = await place.run("git", ["-C", place.path("sum"), "log", "--format=%s"]);
    expect(log.stdout.trim().split("\n")).toHaveLength(1);
  });

  it("asks a key that is refused for nothing else", async () => {
    server = await startModelServer(knowing, { key: `${key}-of-somebody-else` });
    const args = await oneSumRun(place, "anthropic", `${server.url}/v1`);
    const ran = await place.autosd(args, { env: environment });
    expect(ran.code, ran.stderr).toBe(2);
    expect(ran.stdout).toContain("AUTOSD-MODEL-AUTH");
    expect(server.ledger.entries).toHaveLength(1);
  });

  async function hungTimes(times: number): Promise<void> {
    await expect
      .poll(() => server?.ledger.entries.filter(({ outcome }) => outcome === "hung").length, {
        timeout: 240_000,
        interval: 20,
      })
      .toBe(times);
  }
});

describe("the provider's key", () => {
  it("goes nowhere when the provider echoes it: whole, in pieces, encoded, in tools and in errors", async () => {
    const forms = [
      key,
      key.slice(0, 20),
      key.slice(-20),
      Buffer.from(key).toString("base64"),
      encodeURIComponent(`${key}==`),
    ];
    const echo = `I know ${forms.join(" and ")}`;
    server = await startModelServer(
      async (call) => {
        const reply = await answerOf(call);
        if (call.tools.length === 0) {
          const text = reply.text.replaceAll(
            "two numbers",
            `two numbers, ${key} ${forms[1] ?? ""}`,
          );
          return { ...reply, text };
        }
        const note = { name: "write", arguments: { path: "notes.txt", content: `${echo}\n` } };
        const show = { name: "run", arguments: { command: `cat notes.txt; echo '${echo}'` } };
        const isFirst = call.turns.every(({ role }) => role !== "assistant");
        return {
          ...reply,
          text: echo,
          toolCalls: [...(isFirst ? [note, show] : []), ...reply.toolCalls],
        };
      },
      { key },
    );
    const session = place.path("session.json");
    const more = ["--verbose", "--record", session, "--log-file", place.path("debug.log")];
    const args = await oneSumRun(place, "anthropic", `${server.url}/v1`, more);
    const ran = await place.autosd(args, { env: { ANTHROPIC_API_KEY: key } });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout + ran.stderr).toContain("[redacted:known-secret]");
    await server.close();
    server = await startModelServer(() => refuse(400, {}, { code: "bad", message: echo }), { key });
    const refused = await place.autosd(
      [...(await oneSumRun(place, "anthropic", `${server.url}/v1`, more)), "--project-id", "other"],
      { env: { ANTHROPIC_API_KEY: key } },
    );
    expect(refused.code).not.toBe(0);
    const pieces = [...forms, key.slice(5, 21)];
    for (const text of [ran.stdout, ran.stderr, refused.stdout, refused.stderr])
      for (const piece of pieces) expect(text).not.toContain(piece);
    expect(await filesWith(place.root, pieces)).toEqual([]);
    const committed = await place.run("git", [
      "-C",
      place.path("sum"),
      "grep",
      "-c",
      "known-secret",
      "HEAD",
    ]);
    expect(committed.stdout).toContain("notes.txt");
  });
});
