import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { processesWith } from "../system/sandbox/harness.ts";
import { bundleModule } from "../chaos/bundle.ts";
import { type CliResult, Place, repository } from "../support/cli.ts";
import { type ModelServer, startModelServer } from "../support/model-server/server.ts";
import { filesWith } from "../support/model-world/place.ts";
import {
  oneSumDocument,
  oneSumModel,
  sumsDocument,
  sumsModel,
} from "../support/model-world/scripted-sums.ts";

const key = "key-of-the-planning-provider-0123456789";
const agentKey = "key-of-the-external-agent-abcdefghijkl";
const source = join(repository, "test/support/acp/scripted-agent.ts");

describe("an external agent through the built program", () => {
  let shared: Place;
  let agent = "";
  let place: Place;
  let server: ModelServer | undefined;

  beforeAll(async () => {
    shared = await Place.create();
    agent = await bundleModule(source, shared.path("agent.mjs"));
  });
  afterAll(() => shared.dispose());
  beforeEach(async () => {
    place = await Place.create();
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await place.dispose();
  });

  const args = async (
    mode: string,
    document: string,
    more: readonly string[] = [],
  ): Promise<readonly string[]> => {
    const model = document === sumsDocument ? sumsModel : oneSumModel;
    server ??= await startModelServer(
      model(() => undefined),
      { key },
    );
    await writeFile(place.path("sums.md"), document);
    return [
      ...["run", "--requirements-file", place.path("sums.md"), "--output-dir", place.path("sums")],
      ...["--json", "--provider", "acp", "--agent-command", `node '${agent}' ${mode}`],
      ...["--planner-provider", "openai", "--planner-model", "scripted"],
      ...["--base-url", `${server.url}/v1`, ...more],
    ];
  };
  const run = async (
    mode: string,
    more: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    document = oneSumDocument,
  ): Promise<CliResult> =>
    place.autosd(await args(mode, document, more), {
      env: { OPENAI_API_KEY: key, SCRIPTED_AGENT_KEY: agentKey, ...env },
    });
  const git = async (...words: readonly string[]): Promise<string> =>
    (await place.run("git", ["-C", place.path("sums"), ...words])).stdout.trim();

  it("builds stories, each verified and committed, and is replayed from its recording", async () => {
    const more = [
      "--record",
      place.path("session.json"),
      "--log-file",
      place.path("log"),
      "--verbose",
    ];
    const env = ["--agent-env", "SCRIPTED_AGENT_KEY"];
    const ran = await run("honest", [...more, ...env], {}, sumsDocument);
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    const result = JSON.parse(ran.stdout) as RunResult;
    expect(result.stories.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "ST-1 done",
      "ST-2 done",
      "ST-3 done",
    ]);
    expect(result.provider).toBe("acp");
    expect(ran.stderr).toContain("what it costs is not known to autosd");
    expect(await git("status", "--porcelain")).toBe("");
    // The second story prints its whole environment.
    expect(await filesWith(place.root, [agentKey, key])).toEqual([]);
    const trees = await git("log", "--format=%T %s");
    const copy = await place.autosd([
      ...["run", "--requirements-file", place.path("sums.md"), "--output-dir", place.path("copy")],
      ...["--provider", "replay", "--replay-file", place.path("session.json")],
    ]);
    expect(copy.code, copy.stderr).toBe(0);
    const again = await place.run("git", ["-C", place.path("copy"), "log", "--format=%T %s"]);
    expect(again.stdout.trim()).toBe(trees);
  });

  it("ends with exit 3 on what is denied to the agent, and with exit 4 on a lie", async () => {
    const denied = await run("pushes");
    expect(denied.code, denied.stderr).toBe(3);
    expect(JSON.parse(denied.stdout)).toMatchObject({
      stories: [{ status: "failed", denial: { code: "AUTOSD-ACTION-DENIED", action: "git push" } }],
    });
    const red = await run("claims-red", ["--output-dir", place.path("red")]);
    expect(red.code, red.stderr).toBe(4);
    expect(JSON.parse(red.stdout)).toMatchObject({ stories: [{ status: "failed" }] });
  });

  it("dies with autosd, and its attempt begins again from its base", async () => {
    const own = place.path("own.mjs");
    const behave = async (mode: string): Promise<void> =>
      writeFile(own, `process.argv[2] = "${mode}";\n${await readFile(agent, "utf8")}`);
    await behave("never-ends");
    const words = await args("", oneSumDocument, ["--agent-command", `node ${own}`]);
    const child = place.start(words, { env: { OPENAI_API_KEY: key } });
    const isAtWork = new Promise<void>((resolve) => {
      let said = "";
      child.stderr?.on("data", (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes("works on it")) resolve();
      });
    });
    await isAtWork;
    expect(processesWith(own).length).toBeGreaterThan(1);
    child.kill("SIGKILL");
    await once(child, "close");
    await expect.poll(() => processesWith(own), { timeout: 5_000 }).toEqual([]);
    await behave("honest");
    const resumed = await place.autosd(["runs", "resume", "--json"], {
      env: { OPENAI_API_KEY: key },
    });
    expect(resumed.code, resumed.stderr + resumed.stdout).toBe(0);
    expect(resumed.stderr).toContain("begins again; what that cost is not known");
  });

  it("is shown by doctor, which lets it say who it is", async () => {
    const agentRow = async (mode: string): Promise<unknown> => {
      const AUTOSD_AGENT_COMMAND = `node '${agent}' ${mode}`;
      const looked = await place.autosd(["doctor", "--json"], { env: { AUTOSD_AGENT_COMMAND } });
      const { checks } = JSON.parse(looked.stdout) as {
        readonly checks: readonly { name: string }[];
      };
      return checks.find(({ name }) => name === "agent");
    };
    const finding = `scripted 1.0.0 answers in the sandbox; it sees ${agent}`;
    expect(await agentRow("honest")).toMatchObject({ ok: true, finding });
    expect(await agentRow("exits")).toMatchObject({
      ok: false,
      finding: expect.stringContaining("AUTOSD-AGENT-EXITED") as string,
    });
  });

  it.each<[readonly string[], string, RegExp]>([
    [["--max-cost-usd", "1"], "AUTOSD-AGENT-OPTION", /--max-cost-usd/],
    [["--max-tokens", "1000"], "AUTOSD-AGENT-OPTION", /--max-tokens/],
    [["--parallel-prompt-workers", "3"], "AUTOSD-AGENT-OPTION", /--parallel-prompt-workers 1/],
    [["--agent-env", "NOT_SET_ANYWHERE"], "AUTOSD-AGENT-ENV", /NOT_SET_ANYWHERE/],
    [["--agent-env", "HOME"], "AUTOSD-AGENT-ENV", /HOME/],
    [["--agent-command", "no-such-agent --acp"], "AUTOSD-AGENT-MISSING", /no-such-agent/],
    [["--agent-command", "it's"], "AUTOSD-CONFIG-INVALID", /quote/],
  ])("refuses %j before anything is paid for", async (more, code, words) => {
    const ran = await run("honest", more);
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ code });
    expect(ran.stdout).toMatch(words);
    expect(server?.ledger.entries).toEqual([]);
  });
});
