import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { dirname } from "node:path";
import { Readable, Writable } from "node:stream";
import {
  agent,
  type AgentContext,
  type AgentRequestContext,
  type InitializeResponse,
  methods,
  ndJsonStream,
  type PromptRequest,
  type PromptResponse,
  PROTOCOL_VERSION,
  RequestError,
} from "@agentclientprotocol/sdk";
import { sumsTurns } from "../model-world/scripted-sums.ts";
import type { Call } from "../model-world/sums.ts";

/**
 * An external agent for tests, a program of its own on the protocol's official library: `node FILE
 * MODE`. It builds the stories of `scripted-sums.ts` as a well-behaved agent would, or does what MODE says.
 */
const [, , mode = "honest", given = ""] = process.argv;

type Prompt = AgentRequestContext<PromptRequest>;

const files = { file: "src/main.js", test: "test/add.test.js" };

/** What a mode does with a prompt; undefined: as `honest` does. */
const atWork: Readonly<Record<string, (prompt: Prompt) => Promise<PromptResponse | undefined>>> = {
  "silent-at-work": () => new Promise(() => setInterval(() => undefined, 60_000)),
  "exits-at-work": () => {
    process.stderr.write("Error: the quota is used up\n    at agent.js:1\n");
    process.exit(3);
  },
  "huge-message": async ({ client, params }) => {
    await chunk(client, params.sessionId, "x".repeat(20 * 1024 ** 2));
    return undefined;
  },
  "many-requests": async ({ client, params }) => {
    const asked = Array.from({ length: 1_000 }, () => permission(client, params, "execute", "ls"));
    await Promise.all(asked);
    return undefined;
  },
  "never-ends": async ({ client, params }) => {
    for (;;) {
      await chunk(client, params.sessionId, ".");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  "claims-red": async () => {
    project();
    writeFileSync(files.file, "export const add = (a, b) => a - b;\n");
    return { stopReason: "end_turn" };
  },
  banner: quick,
  "wants-login": quick,
  "does-nothing": async () => ({ stopReason: "end_turn" }),
  refuses: async () => ({ stopReason: "refusal" }),
  pushes: async ({ client, params }) => {
    const isAllowed = await permission(client, params, "execute", "git push origin main");
    await chunk(client, params.sessionId, isAllowed ? "pushed" : "I may not push.");
    return { stopReason: "end_turn" };
  },
  "writes-outside": async ({ client, params }) => {
    const isAllowed = await permission(client, params, "edit", "Edit hosts", "/etc/hosts");
    if (isAllowed) return { stopReason: "end_turn" };
    for (const path of ["/etc/hosts", "/workspace/../escaped", given])
      tryTo(() => appendFileSync(path, "x"));
    return { stopReason: "end_turn" };
  },
  "calls-server": async () => {
    const { hostname, port } = new URL(process.env["HTTP_PROXY"] ?? "");
    const answer = await new Promise<string>((resolve, reject) => {
      get({ hostname, port, path: given }, (response) => {
        response.setEncoding("utf8").once("data", resolve);
      }).once("error", reject);
    });
    writeFileSync("answer.txt", answer);
    return { stopReason: "end_turn" };
  },
  "calls-home": async () => {
    tryTo(() => sh("npm view left-pad --registry http://packages.example.test/ --fetch-retries 0"));
    return { stopReason: "end_turn" };
  },
  commits: async () => {
    project();
    sh("git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm done");
    return { stopReason: "end_turn" };
  },
  "plants-fsmonitor": async () => {
    project();
    mkdirSync("lib/.git/objects", { recursive: true });
    mkdirSync("lib/.git/refs", { recursive: true });
    writeFileSync("lib/.git/HEAD", "ref: refs/heads/main\n");
    writeFileSync("lib/.git/config", `[core]\n\tfsmonitor = touch ${given}\n`);
    return { stopReason: "end_turn" };
  },
  "leaves-children": async () => {
    spawn("setsid", ["sleep", given], { detached: true, stdio: "ignore" }).unref();
    spawn("sleep", [given], { detached: true, stdio: "ignore" }).unref();
    return quick();
  },
  "tells-its-key": async ({ client, params }) => {
    const key = process.env[given] ?? "no key";
    await tool(client, params.sessionId, `log in with ${key}`);
    await chunk(client, params.sessionId, `I used ${key}.`);
    process.stderr.write(`${key}\n`);
    return quick();
  },
};

async function honest(prompt: Prompt): Promise<PromptResponse> {
  const { client, params } = prompt;
  const [block] = params.prompt;
  const text = block?.type === "text" ? block.text : "";
  const story = /^# Story\n(ST-\d+):/m.exec(text)?.[1] ?? "";
  for (const calls of sumsTurns(story)) for (const call of calls) await take(prompt, call);
  await client.notify(methods.client.session.update, {
    sessionId: params.sessionId,
    update: {
      sessionUpdate: "usage_update",
      used: 1_000,
      size: 200_000,
      cost: { amount: 0.25, currency: "USD" },
    },
  });
  await chunk(client, params.sessionId, `${story} is done: all tests pass.`);
  return { stopReason: "end_turn" };
}

async function take({ client, params }: Prompt, [name, given]: Call): Promise<void> {
  const what = given as Readonly<Record<string, string>>;
  const { path = "", content = "", command = "", old = "" } = what;
  if (name === "write") {
    if (!(await permission(client, params, "edit", `Write ${path}`, `/workspace/${path}`))) return;
    write(path, content);
  }
  if (name === "replace")
    writeFileSync(path, readFileSync(path, "utf8").replace(old, what["new"] ?? ""));
  if (name === "run" && (await permission(client, params, "execute", command))) {
    await tool(client, params.sessionId, command);
    tryTo(() => sh(command));
  }
}

/** The same without a command. */
async function quick(): Promise<PromptResponse> {
  project();
  return { stopReason: "end_turn" };
}

/** A project whose tests are there. */
function project(): void {
  for (const [name, given] of sumsTurns("ST-1").flat()) {
    const { path = "", content = "" } = given as Readonly<Record<string, string>>;
    if (name === "write") write(path, content);
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function sh(command: string): string {
  return execFileSync("/bin/sh", ["-c", command], { encoding: "utf8", stdio: "pipe" });
}

function tryTo(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
  }
}

function chunk(client: AgentContext, sessionId: string, text: string): Promise<void> {
  return client.notify(methods.client.session.update, {
    sessionId,
    update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text } },
  });
}

function tool(client: AgentContext, sessionId: string, title: string): Promise<void> {
  return client.notify(methods.client.session.update, {
    sessionId,
    update: { sessionUpdate: "tool_call", toolCallId: "call", title, kind: "execute" },
  });
}

async function permission(
  client: AgentContext,
  { sessionId }: PromptRequest,
  kind: "execute" | "edit",
  title: string,
  path?: string,
): Promise<boolean> {
  const { outcome } = await client.request(methods.client.session.requestPermission, {
    sessionId,
    toolCall: {
      toolCallId: "call",
      title,
      kind,
      ...(kind === "execute" ? { rawInput: { command: title } } : {}),
      ...(path === undefined ? {} : { locations: [{ path }] }),
    },
    options: [
      { optionId: "always", name: "Always", kind: "allow_always" },
      { optionId: "once", name: "Once", kind: "allow_once" },
      { optionId: "no", name: "No", kind: "reject_once" },
    ],
  });
  if (outcome.outcome === "selected" && outcome.optionId === "always")
    throw new Error("leave was given for good");
  return outcome.outcome === "selected" && outcome.optionId === "once";
}

function initialized(): InitializeResponse {
  return {
    protocolVersion: mode === "other-version" ? 7 : PROTOCOL_VERSION,
    agentInfo: { name: "scripted", version: "1.0.0" },
    agentCapabilities: { loadSession: false },
    authMethods: [{ id: "api-key", name: "API key" }],
  };
}

let isAuthenticated = false;

if (mode === "exits") {
  process.stderr.write("Error: no configuration was found\n");
  process.exit(4);
}
if (mode === "silent") setInterval(() => undefined, 60_000);
else if (mode === "garbage")
  setInterval(() => process.stdout.write("Welcome! \u001b[31mnot JSON\n"), 1);
else {
  if (mode === "banner") process.stdout.write("Welcome to the agent\n");
  agent({ name: "scripted" })
    .onRequest(methods.agent.initialize, () => initialized())
    .onRequest(methods.agent.authenticate, ({ params }) => {
      if (params.methodId !== "api-key") throw RequestError.invalidParams();
      isAuthenticated = true;
    })
    .onRequest(methods.agent.session.new, ({ params }) => {
      if (mode === "wants-login" && !isAuthenticated) throw RequestError.authRequired();
      process.chdir(params.cwd);
      return { sessionId: "session-1" };
    })
    .onRequest(methods.agent.session.prompt, async (prompt) => {
      if (given !== "" && mode === "honest" && existsSync(given)) readFileSync(given);
      return (await atWork[mode]?.(prompt)) ?? honest(prompt);
    })
    .connect(
      ndJsonStream(
        Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
        Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
      ),
    );
}
