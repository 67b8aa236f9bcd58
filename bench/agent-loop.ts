// Fifty durable turns of the agent loop with a model that answers at once: real journal, workspace
// and git; the commands in the sandbox or none at all. Prints one JSON object.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSandboxedCommands } from "../src/adapters/implementers/sandboxed-commands.ts";
import { createTreeSitterSymbols } from "../src/adapters/outline/tree-sitter-symbols.ts";
import { createProcessRunner } from "../src/adapters/process/spawn-runner.ts";
import { systemClock } from "../src/adapters/process/system-clock.ts";
import { systemIds } from "../src/adapters/process/system-ids.ts";
import { createSandbox } from "../src/adapters/sandbox/create-sandbox.ts";
import { createProjectFiles } from "../src/adapters/store/project-files.ts";
import { createPromptJournal } from "../src/adapters/store/prompt-journal.ts";
import { createGit } from "../src/adapters/vcs/git.ts";
import { openWorkspace } from "../src/adapters/workspace/folder-workspace.ts";
import { implementWithModel } from "../src/delivery/agent/loop/attempt.ts";
import { RunBudget } from "../src/delivery/agent/model/budget.ts";
import type { ModelRequest } from "../src/delivery/agent/model/model.port.ts";
import { exampleTask } from "../test/support/scripted-attempt.ts";

const orders = JSON.parse(process.argv[2] ?? "{}") as {
  readonly kind: "edits" | "commands";
  readonly sandbox: "auto" | "none";
  readonly turns: number;
  readonly prompt: string;
  readonly searchPath: string;
};
const folder = await mkdtemp(join(tmpdir(), "autosd-bench-agent-"));
try {
  const runner = createProcessRunner();
  const vcs = createGit({ runner, scratch: join(folder, "git"), searchPath: orders.searchPath });
  const repository = await mkdtemp(join(folder, "repository-"));
  await vcs.initialise(repository);
  const root = await mkdtemp(join(folder, "attempt-"));
  for (let file = 0; file < 100; file += 1)
    await writeFile(join(root, `f${file}.txt`), `line\n`.repeat(50));
  const workspace = openWorkspace({ root, baseTree: await vcs.snapshot(repository, root) });
  const sandbox = await createSandbox({
    preference: orders.sandbox,
    runner,
    autosdHome: join(folder, "home"),
    scratchDirectory: join(folder, "sandbox"),
    clock: systemClock,
    ids: systemIds,
    environment: {},
  });
  let asked = 0;
  let firstBytes = 0;
  let spentInCommandsMs = 0;
  const commands = createSandboxedCommands(
    {
      sandbox,
      vcs,
      dependencies: { obtain: async () => ({ kind: "missing" }) },
      registryHosts: async () => [],
    },
    { workspace, repository, mayInstall: false },
  );
  const answer = async (request: ModelRequest) => {
    if (asked === 0) {
      const tools = request.tools.map((one) => ({ type: "function", function: one }));
      firstBytes = Buffer.byteLength(JSON.stringify({ model: "m", ...request, tools }));
    }
    asked += 1;
    const isLast = asked > orders.turns;
    const [name, given] = isLast
      ? (["done", { summary: "x", acceptanceTests: ["f1.txt"] }] as const)
      : // Work that changes nothing is not accepted as done.
        orders.kind === "edits" || asked === 1
        ? (["write", { path: "f1.txt", content: `${asked}\n` }] as const)
        : (["run", { command: `echo ${"word ".repeat(asked)}` }] as const);
    return {
      text: "",
      toolCalls: [{ id: `c${asked}`, name, arguments: given }],
      finish: "tool-calls" as const,
      usage: { inputTokens: 1_000, outputTokens: 10, cachedInputTokens: undefined },
      facts: { latencyMs: 0, retries: 0, waitedMs: 0, responseId: undefined },
    };
  };
  const startMs = performance.now();
  const events = implementWithModel(
    {
      model: { provider: "openai-compatible", name: "bench", answer },
      price: undefined,
      budget: new RunBudget(
        { maxTokens: undefined, maxCostMicrousd: undefined },
        { tokens: 0, microusd: 0 },
      ),
      journal: createPromptJournal(createProjectFiles(), repository),
      commands: {
        restore: (tree) => commands.restore(tree),
        async run(command, timeoutMs, signal) {
          const outcome = await commands.run(command, timeoutMs, signal);
          spentInCommandsMs += outcome.durationMs;
          return outcome;
        },
      },
      clock: systemClock,
      prompt: { id: "implement@1", text: orders.prompt },
      gates: ["tests"],
      symbols: createTreeSitterSymbols(),
      contextTokens: 128_000,
      maxOutputTokens: 1_000,
    },
    exampleTask(workspace),
    "run_1",
    new AbortController().signal,
  );
  let last = "";
  for await (const event of events) last = event.kind;
  if (last !== "proposal") throw new Error(`the attempt ended with ${last}: no figures of it`);
  const wholeMs = performance.now() - startMs;
  const turnMs = wholeMs / asked;
  const ownTurnMs = (wholeMs - spentInCommandsMs) / asked;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(
    JSON.stringify({
      asked,
      last,
      turnMs,
      ownTurnMs,
      firstBytes,
      peakBytes,
      backend: sandbox.backend,
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
