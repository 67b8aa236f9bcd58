import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { bundleModule } from "../chaos/bundle.ts";
import { type CliResult, Place, repository } from "../support/cli.ts";
import { type ModelServer, startModelServer } from "../support/model-server/server.ts";
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
    const ran = await run("honest", ["--record", place.path("session.json")], {}, sumsDocument);
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
    const result = JSON.parse(ran.stdout) as RunResult;
    expect(result.stories.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "ST-1 done",
      "ST-2 done",
      "ST-3 done",
    ]);
    expect(result.provider).toBe("acp");
    expect(await git("status", "--porcelain")).toBe("");
  });
});
