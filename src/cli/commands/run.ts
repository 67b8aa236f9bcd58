import type { Command } from "commander";
import { options } from "../../config/options.ts";
import { executionModes, providers } from "../../engine/autosd.ts";
import type { Bind } from "../action.ts";
import { choice, countUpTo, each, wholeSecondsUpTo, withExamples } from "../options.ts";

const plannersOfAgents = options.plannerProvider.type.choices;
const {
  maxTaskAttempts,
  maxStoriesPerSprint,
  timeoutSeconds,
  parallelPromptWorkers,
  waitForResetSeconds,
} = options;

const examples: readonly (readonly [what: string, command: string])[] = [
  ["build what a file asks for", "autosd run --requirements-file requirements.md --output-dir app"],
  [
    "build from one sentence",
    'autosd run --requirements-text "A service that stores bookmarks." --output-dir app',
  ],
  [
    "build with a language model, within a budget",
    "autosd run --requirements-file requirements.md --output-dir app --provider openai --model MODEL --max-tokens 2000000",
  ],
  [
    "let a model work on four stories at once",
    "autosd run --requirements-file requirements.md --output-dir app --provider openai --model MODEL --parallel-prompt-workers 4",
  ],
  [
    "let an agent that speaks the Agent Client Protocol implement, in the sandbox",
    'autosd run --requirements-file requirements.md --output-dir app --provider acp --agent-command "gemini --acp" --agent-auth gemini-api-key --agent-env GEMINI_API_KEY --agent-egress generativelanguage.googleapis.com:443',
  ],
  [
    "change code that is there already, on a branch of its repository",
    "autosd run --project-dir shop --requirements-file search.md --provider openai --model MODEL",
  ],
  [
    "plan only, and read the plan as JSON",
    "autosd run --requirements-file requirements.md --output-dir app --execution-mode planning --json",
  ],
];

/** `autosd run`. */
export function addRunCommand(program: Command, bind: Bind): void {
  const command = program
    .command("run")
    .description("build a verified, committed project from requirements")
    .optionsGroup("What is asked for, and where it goes:")
    .option("--requirements-file <file>", "requirements in Markdown or plain text; - reads stdin")
    .option("--requirements-text <text>", "requirements as text")
    .option("--output-dir <dir>", "folder of the project, created when absent")
    .option("--project-dir <dir>", "git repository with code that is there already")
    .option("--branch <name>", "branch of --project-dir to work on (default: autosd/...)")
    .option("--project-id <id>", "id in the portfolio (default: from the product's name)")
    .option("--preferred-platform <platform>", "platform to build on")
    .optionsGroup("How it goes on:")
    .addOption(
      choice("--execution-mode <mode>", "build at once, or stop after the plan", executionModes),
    )
    .option(
      "--max-task-attempts <n>",
      `attempts at each story (default: ${maxTaskAttempts.default})`,
      countUpTo(maxTaskAttempts.type.maximum),
    )
    .option(
      "--max-stories-per-sprint <n>",
      `stories of a sprint (default: ${maxStoriesPerSprint.default})`,
      countUpTo(maxStoriesPerSprint.type.maximum),
    )
    .option(
      "--timeout-seconds <n>",
      "stop, resumable, after this time",
      countUpTo(timeoutSeconds.type.maximum),
    )
    .option("--reproducible", "equal requirements give equal commits")
    .option("--no-install", "use only dependencies that were installed before")
    .optionsGroup("Who plans and implements:")
    .addOption(choice("--provider <provider>", "who plans and implements", providers))
    .option("--replay-file <file>", "recorded session to replay")
    .option("--record <file>", "record the session for a later replay");
  addModelOptions(command);
  addParallelOptions(command.optionsGroup("Several stories at once:"));
  addAgentOptions(command.optionsGroup("External agents:"));
  withExamples(command, examples);
  bind(command, async () => (await import("../actions/run.ts")).run);
}

/** Which model, where it is and what it may take; of a run and of planning alone. */
export function addModelOptions(command: Command): void {
  command
    .option("--model <name>", "language model that implements")
    .option("--planner-model <name>", "language model that plans (default: the same)")
    .option("--base-url <url>", "address of the provider, with its version")
    .option("--key-file <file>", "file with the provider's key, readable by you alone");
  addModelLimits(command);
}

/** Which external agent implements, and what it gets. */
function addAgentOptions(command: Command): void {
  command
    .option("--agent-command <command>", "agent of --provider acp, with its arguments")
    .option("--agent-auth <method>", "one of the agent's own methods to authenticate with")
    .option("--agent-egress <host:port>", "host that the agent may reach; repeatable", each)
    .option("--agent-env <name>", "variable that is handed to the agent; repeatable", each)
    .option("--agent-read-dir <dir>", "folder that the agent may read; repeatable", each)
    .addOption(
      choice("--planner-provider <provider>", "whose model plans for an agent", plannersOfAgents),
    );
}

/** How many stories are worked on at once; of a new run and of one that goes on. */
export function addParallelOptions(command: Command): void {
  command
    .option(
      "--parallel-prompt-workers <n>",
      `stories that a model works on at once (default: ${parallelPromptWorkers.default})`,
      countUpTo(parallelPromptWorkers.type.maximum),
    )
    .option(
      "--allow-stale-parallel-prompts",
      "verify work of an earlier state instead of doing it again",
    );
}

/** What models may take; of a new run and of one that goes on. */
export function addModelLimits(command: Command): void {
  command
    .option(
      "--wait-for-reset <duration>",
      "longest wait for a rate limit, such as 6h (default: 2m)",
      wholeSecondsUpTo(waitForResetSeconds.type.maximum),
    )
    .option("--max-cost-usd <amount>", "stop, resumable, before models cost more")
    .option("--max-tokens <n>", "stop, resumable, before models take more tokens");
}
