import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { startModelServer, type ModelServer } from "./server.ts";
import { callTool, inOrder, refuse, say } from "./script.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...given: Parameters<typeof startModelServer>): Promise<ModelServer> {
  const server = await startModelServer(...given);
  servers.push(server);
  return server;
}

function ask(server: ModelServer, more: Readonly<Record<string, unknown>> = {}): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer key" },
    body: JSON.stringify({
      model: "m",
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "hello" },
      ],
      ...more,
    }),
  });
}

function call(id: string): unknown {
  return { id, type: "function", function: { name: "read", arguments: "{}" } };
}

test("a script sees the request and its answer comes back, whole or streamed", async () => {
  const server = await serve(({ system, turns, streaming }) =>
    say(`${system}/${turns[0]?.text ?? ""}/${streaming}`),
  );
  expect(await (await ask(server)).json()).toMatchObject({
    choices: [{ message: { content: "be brief/hello/false" }, finish_reason: "stop" }],
  });
  const streamed = await (await ask(server, { stream: true })).text();
  expect(streamed).toContain("be brief/hello/true".slice(0, 10));
  expect(streamed.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("an answer with several calls is one turn, and so are its results, in every dialect", async () => {
  const server = await serve(({ turns }) =>
    say(turns.map(({ role, toolCalls }) => `${role}${toolCalls.length}`).join(" ")),
  );
  const chat = await ask(server, {
    messages: [
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [call("a"), call("b")] },
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "b", content: "2" },
    ],
  });
  expect(await chat.text()).toContain("user0 assistant2 tool0");
  const responses = await fetch(`${server.url}/v1/responses`, {
    method: "POST",
    body: JSON.stringify({
      model: "m",
      input: [
        { role: "user", content: "go" },
        { type: "function_call", call_id: "a", name: "read", arguments: "{}" },
        { type: "function_call", call_id: "b", name: "read", arguments: "{}" },
        { type: "function_call_output", call_id: "a", output: "1" },
        { type: "function_call_output", call_id: "b", output: "2" },
      ],
    }),
  });
  expect(await responses.text()).toContain("user0 assistant2 tool0");
});

test("replies in order; the ledger has every request on disk and knows what was paid", async () => {
  const folder = await mkdtemp(join(tmpdir(), "autosd-model-"));
  const ledgerFile = join(folder, "ledger.jsonl");
  const server = await serve(inOrder(refuse(500), callTool("read", { path: "a" }), say("bye")), {
    ledgerFile,
  });
  expect((await ask(server)).status).toBe(500);
  expect(await (await ask(server)).text()).toContain('"tool_calls"');
  expect(await (await ask(server, { n: 1 })).text()).toContain("bye");
  const lines = (await readFile(ledgerFile, "utf8")).trim().split("\n");
  expect(lines).toHaveLength(server.ledger.entries.length);
  expect(server.ledger.paid.length).toBe(server.ledger.entries.length - 1);
  expect(server.ledger.refused.map(({ status }) => status)).toEqual([500]);
  await rm(folder, { recursive: true });
});

test("a cut answer breaks off and was paid for; a wrong key is not answered", async () => {
  const server = await serve(() => say("x".repeat(500), { delivery: "cut" }), { key: "key" });
  await expect(ask(server, { stream: true }).then((one) => one.text())).rejects.toThrow();
  expect(server.ledger.paid).toHaveLength(1);
  const strict = await serve(() => say("hi"), { key: "other" });
  expect((await ask(strict)).status).toBe(401);
});

test("a limit announces itself and refuses what is beyond it", async () => {
  const server = await serve(() => say("hi"), {
    limits: { requests: { limit: 2, windowMs: 60_000, shape: "refill" }, retryAfter: true },
  });
  const first = await ask(server);
  expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("1");
  await ask(server);
  const third = await ask(server);
  expect(third.status).toBe(429);
  expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(25);
  expect(server.ledger.refused).toHaveLength(1);
});
