import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { type CliResult, Place } from "../support/cli.ts";
import { type ModelScript, say } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { oneSumRun } from "../support/model-world/place.ts";
import { oneSumModel } from "../support/model-world/scripted-sums.ts";
import type { Call } from "../support/model-world/sums.ts";

const key = "key-of-the-scripted-provider-0123456789";
const knowing = oneSumModel(() => undefined);
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

/** Plans as it should, then answers with these calls, turn after turn; afterwards with words alone. */
function building(turns: readonly (readonly Call[])[]): ModelScript {
  return (call) => {
    if (call.tools.length === 0) return knowing(call);
    const calls = turns[call.turns.filter(({ role }) => role === "assistant").length] ?? [];
    return say("I cannot go on without it, so the story is finished. All tests pass.", {
      toolCalls: calls.map(([name, given]) => ({ name, arguments: given })),
    });
  };
}

async function run(script: ModelScript, more: readonly string[] = ["--json"]): Promise<CliResult> {
  server = await startModelServer(script, { key });
  const args = await oneSumRun(place, "openai", `${server.url}/v1`);
  const plain = args.filter((word) => word !== "--json");
  return place.autosd([...plain, ...more], { env: { OPENAI_API_KEY: key } });
}

function storyOf(ran: CliResult): RunResult["stories"][number] | undefined {
  const { stories } = JSON.parse(ran.stdout) as RunResult;
  return stories[0];
}

describe("a story whose only needed action is denied", () => {
  it.each<[string, Call, string, RegExp]>([
    [
      "a push",
      ["run", { command: "git add -A && git push origin main" }],
      "AUTOSD-ACTION-DENIED",
      /git push/,
    ],
    [
      "a host that it may not reach",
      [
        "run",
        { command: "node -e \"fetch('http://rates.example.test/').catch((e) => { throw e; })\"" },
      ],
      "AUTOSD-NETWORK-DENIED",
      /rates\.example\.test/,
    ],
    [
      "a host that the sandbox's proxy refuses",
      [
        "run",
        {
          command:
            "npm view left-pad --registry http://packages.example.test/ --fetch-retries 0 || true",
        },
      ],
      "AUTOSD-NETWORK-DENIED",
      /packages\.example\.test/,
    ],
    [
      "a file outside the project",
      ["write", { path: "../../etc/sums.conf", content: "x" }],
      "AUTOSD-PATH-DENIED",
      /leaves the workspace/,
    ],
    [
      "a push in a script of its own",
      [
        "run",
        { command: "printf 'set -e\\ntrue\\ngit push origin main\\n' > ship.sh && sh ./ship.sh" },
      ],
      "AUTOSD-ACTION-DENIED",
      /git push/,
    ],
  ])("ends with exit 3 for %s, with the code and the remedy", async (_, call, code, action) => {
    const ran = await run(building([[call]]));
    expect(ran.code, ran.stdout + ran.stderr).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: "incomplete", exitCode: 3 });
    const story = storyOf(ran);
    expect(story).toMatchObject({ status: "failed", denial: { code } });
    expect(story?.denial?.action).toMatch(action);
    expect(story?.denial?.remedy).not.toBe("");
    expect(story?.reason).toContain(code);
    // Another attempt would be denied, too.
    const questions = server?.ledger.entries.length ?? 0;
    expect(questions).toBeLessThanOrEqual(3 + 4);
    expect(await readdir(place.path("sum"))).not.toContain("package.json");
  });

  it("says so to a person, and to a run that finds the story failed", async () => {
    const push: Call = ["run", { command: "git push" }];
    const first = await run(building([[push]]), []);
    expect(first.code).toBe(3);
    expect(first.stdout).toContain("AUTOSD-ACTION-DENIED");
    expect(first.stdout.replaceAll(/\s+/g, " ")).toContain(
      "autosd push --project PROJECT --preauth-grant GRANT",
    );
    const backlog = await readFile(place.path("sum", ".autosd", "backlog.json"), "utf8");
    expect(JSON.parse(backlog)).toMatchObject({
      stories: [{ attempts: [{ denial: { code: "AUTOSD-ACTION-DENIED" } }] }],
    });
  });
});

describe("a model that something is denied to", () => {
  const push: Call = ["run", { command: "npm test; git push --force" }];

  it("ends with exit 4 when what it made instead is red", async () => {
    const write: Call = ["write", { path: "test/add.test.js", content: "throw new Error();\n" }];
    const claim: Call = ["done", { summary: "adds", acceptanceTests: ["test/add.test.js"] }];
    const ran = await run(building([[push], [write], [claim]]), [
      "--json",
      "--max-task-attempts",
      "1",
    ]);
    expect(ran.code, ran.stderr).toBe(4);
    expect(storyOf(ran)).toMatchObject({ status: "failed" });
    expect(storyOf(ran)?.denial).toBeUndefined();
  });

  it("is told so, and ends with exit 0 when the story did not need it", async () => {
    let told = "";
    const ran = await run(async (call) => {
      const reply = await knowing(call);
      const isFirst = call.tools.length > 0 && call.turns.length === 1;
      for (const turn of call.turns) if (turn.role === "tool") told += turn.text;
      if (!isFirst || reply.kind !== "answer") return reply;
      return { ...reply, toolCalls: [{ name: push[0], arguments: push[1] }, ...reply.toolCalls] };
    });
    expect(ran.code, ran.stderr).toBe(0);
    expect(told).toContain("Denied (AUTOSD-ACTION-DENIED): git push. Nobody is asked");
    expect(storyOf(ran)).toMatchObject({
      status: "done",
      denials: [{ code: "AUTOSD-ACTION-DENIED", action: "git push" }],
    });
  });
});
