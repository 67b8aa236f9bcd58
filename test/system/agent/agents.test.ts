import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probeSandboxes } from "../../../src/adapters/sandbox/create-sandbox.ts";
import type { AgentEvent } from "../../../src/delivery/agent/implementer.port.ts";
import type { SandboxBackend } from "../../../src/delivery/agent/sandbox.port.ts";
import { keepSecret } from "../../../src/kernel/known-secrets.ts";
import { type AgentYard, openAgentYard } from "../../support/acp/agent-yard.ts";
import { reportUnavailable } from "../../support/report-unavailable.ts";
import { processesWith, sandboxOptions, temporaryFolder } from "../sandbox/harness.ts";

const key = "key-of-the-external-agent-abcdefghijkl";

const folder = await temporaryFolder();
const probes = await probeSandboxes(sandboxOptions(folder, "auto"));
await rm(folder, { recursive: true, force: true });
const usable = probes.filter((one) => one.usable).map(({ backend }) => backend);
const [best = "bubblewrap"] = usable;
for (const { backend, finding } of probes)
  if (!usable.includes(backend))
    it(`is reported, because this machine cannot run ${backend}`, () => {
      reportUnavailable(`external agents in ${backend}`, finding);
    });

function suite(backend: SandboxBackend) {
  let yard: AgentYard;
  beforeAll(async () => {
    yard = await openAgentYard(backend);
  });
  afterAll(() => yard.dispose());

  /** Nothing of the agent is left, whatever it did. */
  const nobodyIsLeft = (): void => {
    expect(processesWith(join(yard.root, "agent.mjs"))).toEqual([]);
  };
  const last = async (...mode: readonly [string, ...string[]]): Promise<AgentEvent | undefined> => {
    const events = await yard.work(yard.command(...mode));
    nobodyIsLeft();
    return events.at(-1);
  };

  return { last, nobodyIsLeft, yard: (): AgentYard => yard };
}

describe.each(usable)("an external agent in %s", (backend) => {
  const { last, nobodyIsLeft, yard } = suite(backend);
  it("builds what it is asked for, and its claim holds the tests that are there", async () => {
    expect(await last("honest")).toMatchObject({
      kind: "proposal",
      proposal: { acceptanceTests: ["test/add.test.js"], summary: /all tests pass/ },
    });
    expect(await yard().read("src/main.js")).toContain("a + b");
    const kinds = (await yard().journal()).map(({ kind }) => kind);
    expect(kinds).toEqual(["intent", "end"]);
  });

  it("takes its children with it", async () => {
    const marker = `31${String(process.pid)}`;
    expect(await last("leaves-children", marker)).toMatchObject({ kind: "proposal" });
    expect(processesWith(marker)).toEqual([]);
  });

  it("is ended when autosd is told to stop, and says nothing any more", async () => {
    const stop = new AbortController();
    const work = yard().work(yard().command("never-ends"), {
      signal: stop.signal,
      onEvent: ({ kind }) => {
        if (kind === "progress") stop.abort(new Error("stopped by a person"));
      },
    });
    await expect(work).rejects.toThrow("stopped by a person");
    nobodyIsLeft();
    const kinds = (await yard().journal()).map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe("intent");
    const again = await yard().work(yard().command("does-nothing"));
    expect(JSON.stringify(again)).toContain("was cut before and begins again");
  });
});

describe.runIf(usable.length > 0)("an external agent", () => {
  const { last, nobodyIsLeft, yard } = suite(best);
  it("is talked with although it prints a banner, and logs in as it is told to", async () => {
    expect(await last("banner")).toMatchObject({ kind: "proposal" });
    const events = await yard().work(yard().command("wants-login"), { authMethod: "api-key" });
    expect(events.at(-1)).toMatchObject({ kind: "proposal" });
  });

  it.each<[string, string, RegExp]>([
    ["exits", "AUTOSD-AGENT-EXITED", /code 4: Error: no configuration was found/],
    ["other-version", "AUTOSD-AGENT-VERSION", /version 7/],
    ["wants-login", "AUTOSD-AGENT-AUTH", /its methods: api-key/],
    ["garbage", "AUTOSD-AGENT-PROTOCOL", /no ACP message: Welcome! \[31mnot JSON/],
  ])("ends the run when it cannot be talked with: %s", async (mode, code, message) => {
    await expect(yard().work(yard().command(mode))).rejects.toMatchObject({ code, message });
    nobodyIsLeft();
  });

  it("ends the run when it never says who it is, or is not there", async () => {
    const patience = { startMs: 300 };
    await expect(yard().work(yard().command("silent"), { patience })).rejects.toMatchObject({
      code: "AUTOSD-AGENT-SILENT",
    });
    nobodyIsLeft();
    for (const command of [["no-such-agent"], ["/no/such/agent"], ["node", "/no/such/agent.mjs"]])
      await expect(yard().work(command)).rejects.toMatchObject({ code: "AUTOSD-AGENT-MISSING" });
  });

  it.each<[string, RegExp]>([
    ["exits-at-work", /^AUTOSD-AGENT-EXITED: .*code 3: .*quota is used up.*autosd runs resume/],
    ["huge-message", /^AUTOSD-AGENT-PROTOCOL: .*more than 16777216 bytes/],
    ["many-requests", /^AUTOSD-AGENT-PROTOCOL: .*things at once/],
    ["refuses", /refuses to do it/],
    ["does-nothing", /changed nothing/],
    ["commits", /must not become a part of the project/],
    ["plants-fsmonitor", /must not become a part of the project/],
  ])("fails at the story, with the reason: %s", async (mode, reason) => {
    const owned = join(yard().root, "owned");
    expect(await last(mode, owned)).toMatchObject({ kind: "failed", reason });
    expect(existsSync(owned)).toBe(false);
  });

  it("is not waited for when it goes silent or never ends", async () => {
    const silent = await yard().work(yard().command("silent-at-work"), {
      patience: { silentMs: 400 },
    });
    expect(silent.at(-1)).toMatchObject({ reason: /AGENT-SILENT/, isWithoutProgress: true });
    const endless = await yard().work(yard().command("never-ends"), {
      patience: { totalMs: 1_500 },
    });
    expect(endless.at(-1)).toMatchObject({ reason: /AGENT-TIMEOUT/, isWithoutProgress: true });
    nobodyIsLeft();
  });

  it.each<[string, string, RegExp]>([
    ["pushes", "AUTOSD-ACTION-DENIED", /^git push$/],
    ["writes-outside", "AUTOSD-PATH-DENIED", /\/etc\/hosts: the path leaves the workspace/],
  ])("ends on what is denied to it: %s", async (mode, code, action) => {
    const before = readFileSync("/etc/hosts", "utf8");
    const outside = join(yard().root, "outside");
    expect(await last(mode, outside)).toMatchObject({
      kind: "failed",
      retryable: false,
      denial: { code, action },
    });
    expect(readFileSync("/etc/hosts", "utf8")).toBe(before);
    expect(existsSync(outside)).toBe(false);
  });

  it("reaches what it may, and ends on the host that it may not", async () => {
    const server = createServer((_, response) => response.end("answered"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const hosts = [`127.0.0.1:${port}`];
    const url = `http://${hosts[0]}/`;
    const allowed = await yard().work(yard().command("calls-server", url), { hosts });
    expect(allowed.at(-1)).toMatchObject({ kind: "proposal" });
    expect(await yard().read("answer.txt")).toBe("answered");
    server.close();
    const refused = await yard().work(yard().command("calls-home"), { hosts });
    expect(refused.at(-1)).toMatchObject({
      kind: "failed",
      retryable: false,
      denial: { code: "AUTOSD-NETWORK-DENIED", action: /packages\.example\.test:80/ },
    });
    nobodyIsLeft();
  });

  it("keeps its key out of every word that is shown or kept", async () => {
    const forget = keepSecret(key);
    const events = await yard().work(yard().command("tells-its-key", "AGENT_KEY"), {
      env: { AGENT_KEY: key },
    });
    const said = JSON.stringify([events, await yard().journal()]);
    forget();
    expect(said).toContain("log in with");
    expect(said).not.toContain(key);
    nobodyIsLeft();
  });
});
