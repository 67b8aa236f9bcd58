import type { Command } from "commander";
import { expect, test } from "vitest";
import { createMemoryContext, runInMemory } from "./memory-context.ts";
import { buildProgram } from "./program.ts";
import { commandPath } from "./usage.ts";

function everyCommand(command: Command): readonly Command[] {
  return [
    command,
    ...command.commands.filter((one) => one.name() !== "help").flatMap(everyCommand),
  ];
}

const program = buildProgram(createMemoryContext().context, async () => undefined);
const commands = everyCommand(program);
const paths = commands.map((command) => commandPath(command));

test("has the commands that operators know", () => {
  expect(paths).toEqual([
    "",
    "run",
    "refine",
    "backlog",
    "backlog show",
    "backlog refine",
    "sprint",
    "sprint plan",
    "sprint start",
    "sprint review",
    "sprint retro",
    "sprint metrics",
    "sprint run",
    "runs",
    "runs list",
    "runs show",
    "runs resume",
    "runs cancel",
    "projects",
    "projects list",
    "projects show",
    "projects status",
    "projects retire",
    "preauth",
    "preauth init-keys",
    "preauth rotate-keys",
    "preauth trust",
    "preauth trust list",
    "preauth trust add",
    "preauth trust remove",
    "preauth verify",
    "preauth create-grant",
    "preauth list",
    "preauth show",
    "preauth revoke",
    "preauth reinstate",
    "preauth approve",
    "preauth delegate",
    "preauth release",
    "audit",
    "audit show",
    "audit verify",
    "audit prove",
    "audit checkpoint",
    "audit anchor",
    "audit anchor add",
    "audit anchor submit",
    "audit witnesses",
    "audit export",
    "policy",
    "policy show",
    "policy explain",
    "policy test",
    "policy replay",
    "policy check",
    "halt",
    "resume",
    "learn",
    "push",
    "doctor",
    "config",
    "config show",
    "completion",
    "version",
  ]);
});

test.each(paths)(
  "ends the help of '%s' with examples that the command line understands",
  async (path) => {
    const { exitCode, stdout } = await runInMemory([...words(path), "--help"]);
    expect(exitCode).toBe(0);
    const examples = (stdout.split("\nExamples:\n")[1] ?? "").trimEnd().split("\n");
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const [index, line] of examples.entries()) {
      expect(line).toMatch(index % 2 === 0 ? /^ {2}# \S/ : /^ {2}autosd /);
      if (index % 2 === 1) await understood(line.trim());
    }
  },
);

/** Parses an example as a shell would hand it over, up to a redirection. */
async function understood(line: string): Promise<void> {
  const plain = line.replace(/ > .*$/, "");
  const parts = [...plain.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  let called = "";
  const fresh = buildProgram(createMemoryContext().context, async (call) => {
    called = call.command;
  });
  // The version is an option and no command: parsing ends with it.
  if (parts.includes("--version")) return;
  await fresh.parseAsync(parts.slice(1), { from: "user" });
  expect(plain).toContain(called);
  expect(called).not.toBe("");
}

test.each(commands.filter((one) => one.commands.length === 0).map((one) => commandPath(one)))(
  "takes --json, --log-file and --verbose after '%s' and before it",
  async (path) => {
    const command = commands.find((one) => commandPath(one) === path);
    const positionals = (command?.registeredArguments ?? [])
      .filter((argument) => argument.required)
      .map((argument) => argument.argChoices?.[0] ?? "x");
    const global = ["--json", "--verbose", "--log-file", "x.log"];
    for (const line of [
      [...global, ...words(path), ...positionals],
      [...words(path), ...positionals, ...global],
    ]) {
      const calls: unknown[] = [];
      const fresh = buildProgram(createMemoryContext().context, async (call) => {
        calls.push([call.command, call.json, call.verbose, call.options["logFile"]]);
      });
      await fresh.parseAsync(line, { from: "user" });
      expect(calls).toEqual([[path, true, true, "x.log"]]);
    }
  },
);

test("shows the help of run as people know it", async () => {
  const { stdout } = await runInMemory(["run", "--help"], {}, { isTerminal: true, columns: 100 });
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: autosd run [options]

    build a verified, committed project from requirements

    What is asked for, and where it goes:
      --requirements-file <file>       requirements in Markdown or plain text; - reads stdin
      --requirements-text <text>       requirements as text
      --output-dir <dir>               folder of the project, created when absent
      --project-dir <dir>              git repository with code that is there already
      --branch <name>                  branch of --project-dir to work on (default: autosd/...)
      --project-id <id>                id in the portfolio (default: from the product's name)
      --preferred-platform <platform>  platform to build on

    How it goes on:
      --execution-mode <mode>          build at once, or stop after the plan (choices: "direct",
                                       "planning", "auto")
      --max-task-attempts <n>          attempts at each story (default: 2)
      --max-stories-per-sprint <n>     stories of a sprint (default: 8)
      --timeout-seconds <n>            stop, resumable, after this time
      --reproducible                   equal requirements give equal commits
      --no-install                     use only dependencies that were installed before

    Who plans and implements:
      --provider <provider>            who plans and implements (choices: "auto", "blueprint", "replay",
                                       "openai", "anthropic", "google", "openai-compatible", "acp")
      --replay-file <file>             recorded session to replay
      --record <file>                  record the session for a later replay
      --model <name>                   language model that implements
      --planner-model <name>           language model that plans (default: the same)
      --base-url <url>                 address of the provider, with its version
      --key-file <file>                file with the provider's key, readable by you alone
      --wait-for-reset <duration>      longest wait for a rate limit, such as 6h (default: 2m)
      --max-cost-usd <amount>          stop, resumable, before models cost more
      --max-tokens <n>                 stop, resumable, before models take more tokens

    Several stories at once:
      --parallel-prompt-workers <n>    stories that a model works on at once (default: 1)
      --allow-stale-parallel-prompts   verify work of an earlier state instead of doing it again

    External agents:
      --agent-command <command>        agent of --provider acp, with its arguments
      --agent-auth <method>            one of the agent's own methods to authenticate with
      --agent-egress <host:port>       host that the agent may reach; repeatable
      --agent-env <name>               variable that is handed to the agent; repeatable
      --agent-read-dir <dir>           folder that the agent may read; repeatable
      --planner-provider <provider>    whose model plans for an agent (choices: "openai", "anthropic",
                                       "google", "openai-compatible")

    Options:
      -h, --help                       show help

    Global Options:
      -V, --version                    print the version
      --json                           print one JSON document on stdout, everything else on stderr
      --log-file <file>                where the debug log goes
      --verbose                        say more: causes, timings, retries

    Examples:
      # build what a file asks for
      autosd run --requirements-file requirements.md --output-dir app
      # build from one sentence
      autosd run --requirements-text "A service that stores bookmarks." --output-dir app
      # build with a language model, within a budget
      autosd run --requirements-file requirements.md --output-dir app --provider openai --model MODEL --max-tokens 2000000
      # let a model work on four stories at once
      autosd run --requirements-file requirements.md --output-dir app --provider openai --model MODEL --parallel-prompt-workers 4
      # let an agent that speaks the Agent Client Protocol implement, in the sandbox
      autosd run --requirements-file requirements.md --output-dir app --provider acp --agent-command "gemini --acp" --agent-auth gemini-api-key --agent-env GEMINI_API_KEY --agent-egress generativelanguage.googleapis.com:443
      # change code that is there already, on a branch of its repository
      autosd run --project-dir shop --requirements-file search.md --provider openai --model MODEL
      # plan only, and read the plan as JSON
      autosd run --requirements-file requirements.md --output-dir app --execution-mode planning --json
    "
  `);
});

test.each([
  [["rn"], "Unknown command 'rn'. Did you mean run?", "autosd --help"],
  [["projects", "lst"], "Unknown command 'lst'. Did you mean list?", "autosd projects --help"],
  [["run", "--jsn"], "Unknown option '--jsn'. Did you mean --json?", "autosd run --help"],
  [["sprint"], "autosd sprint needs one of: plan, start,", "autosd sprint --help"],
  [["runs", "show"], "Missing required argument 'run-id'.", "autosd runs show --help"],
  [
    ["run", "--provider", "bluprint"],
    "Allowed choices are auto, blueprint, replay, openai",
    "autosd run --help",
  ],
  [["run", "--max-task-attempts", "0"], "It must be a whole number from 1 to", "autosd run --help"],
  [["run", "--timeout-seconds", "1e3"], "It must be a whole number from 1 to", "autosd run --help"],
  [["run"], "--requirements-file FILE or --requirements-text TEXT", "autosd run --help"],
  [["run", "--requirements-text", "x"], "--output-dir FOLDER", "autosd run --help"],
  [
    ["run", "--requirements-text", "", "--output-dir", "x"],
    "--requirements-text needs a value",
    "autosd --help",
  ],
  [
    ["run", "--requirements-text", "x", "--requirements-file", "y", "--output-dir", "z"],
    "exclude each other",
    "autosd run --help",
  ],
  [
    ["run", "--requirements-text", "x", "--output-dir", "y", "--provider", "replay"],
    "--replay-file",
    "autosd run --help",
  ],
  [
    ["backlog", "show", "--project", "a", "--output-dir", "b"],
    "exclude each other",
    "autosd backlog show --help",
  ],
  [
    ["projects", "status"],
    "Name one project, or say --all or --open.",
    "autosd projects status --help",
  ],
  [["completion", "tcsh"], "Allowed choices are bash, zsh, fish.", "autosd completion --help"],
])("answers %j with one sentence and the help to look at", async (args, sentence, remedy) => {
  const text = await runInMemory(args);
  expect(text).toMatchObject({ exitCode: 2, stdout: "" });
  expect(text.stderr).toContain(sentence);
  expect(text.stderr).toContain(`remedy ${remedy}\n`);
  expect(text.stderr).not.toMatch(/\n\s+at /);

  const json = await runInMemory([...args, "--json"]);
  expect(json).toMatchObject({ exitCode: 2, stderr: "" });
  const document = JSON.parse(json.stdout) as { message: string };
  expect(document).toMatchObject({ schema: "autosd/error@1", code: "AUTOSD-USAGE", remedy });
  expect(document.message).toContain(sentence);
});

test("shows the whole help when nothing is asked", async () => {
  const { exitCode, stdout } = await runInMemory([]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Commands:");
});

function words(path: string): readonly string[] {
  return path === "" ? [] : path.split(" ");
}
