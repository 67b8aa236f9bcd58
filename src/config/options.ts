import type { ConfigOption, ValueOf } from "./option.ts";

/** Every option of autosd: parsing, file schema, `config show` and the reference are made from it. */
export const options = {
  home: {
    type: { kind: "path" },
    default: "~/.autosd",
    env: "AUTOSD_HOME",
    flag: undefined,
    files: [],
    description:
      "Folder of autosd's own state: database, log, dependency cache, keys and audit trail.",
  },
  logFile: {
    type: { kind: "path" },
    default: "autosd.log",
    env: "AUTOSD_LOG_FILE",
    flag: "--log-file",
    files: ["home"],
    description: "File that the debug log is appended to; the default is in the home folder.",
  },
  auditLog: {
    type: { kind: "path" },
    default: "audit.log.jsonl",
    env: "AUTOSD_AUDIT_LOG",
    flag: undefined,
    files: ["home"],
    description:
      "File of the audit log; the default is in the home folder. Its checkpoints and keys stay in the home folder. A log that has begun is moved by hand.",
  },
  verbose: {
    type: { kind: "boolean" },
    default: false,
    env: "AUTOSD_VERBOSE",
    flag: "--verbose",
    files: ["home"],
    description: "Writes debug lines to the log: timing, retries, the commands that ran.",
  },
  color: {
    type: { kind: "choice", choices: ["auto", "always", "never"] },
    default: "auto",
    env: "AUTOSD_COLOR",
    conventions: [
      { name: "NO_COLOR", value: "never" },
      { name: "FORCE_COLOR", value: "always" },
    ],
    flag: undefined,
    files: ["home"],
    description: "Colours in output; auto means on a terminal that can show them.",
  },
  provider: {
    type: {
      kind: "choice",
      choices: [
        "auto",
        "blueprint",
        "replay",
        "openai",
        "anthropic",
        "google",
        "openai-compatible",
        "acp",
      ],
    },
    default: "auto",
    env: "AUTOSD_PROVIDER",
    flag: "--provider",
    files: ["project", "home"],
    description:
      "Who writes the code. blueprint is built in and deterministic; replay repeats a recorded session; acp is an external agent (agentCommand); the others are language models. auto takes the model that is configured, else a model server on this machine, else blueprint.",
  },
  model: {
    type: { kind: "word" },
    default: undefined,
    env: "AUTOSD_MODEL",
    flag: "--model",
    files: ["home"],
    description: "Language model that implements stories, as its provider names it.",
  },
  plannerModel: {
    type: { kind: "word" },
    default: undefined,
    env: "AUTOSD_PLANNER_MODEL",
    flag: "--planner-model",
    files: ["home"],
    description: "Language model that plans; the same as model when it is not set.",
  },
  plannerProvider: {
    type: {
      kind: "choice",
      choices: ["openai", "anthropic", "google", "openai-compatible"],
    },
    default: undefined,
    env: "AUTOSD_PLANNER_PROVIDER",
    flag: "--planner-provider",
    files: ["home"],
    description:
      "Whose language model plans what an external agent implements. Without it what fits plannerModel; without that blueprint plans.",
  },
  agentCommand: {
    type: { kind: "command" },
    default: undefined,
    env: "AUTOSD_AGENT_COMMAND",
    flag: "--agent-command",
    files: ["home"],
    description:
      "Command of the external agent of --provider acp, which speaks the Agent Client Protocol on stdin and stdout. It is started in the sandbox, never by a shell.",
  },
  agentAuth: {
    type: { kind: "word" },
    default: undefined,
    env: "AUTOSD_AGENT_AUTH",
    flag: "--agent-auth",
    files: ["home"],
    description:
      "Which of its own methods the agent is to authenticate with, where it wants to be told. One that asks a person cannot work.",
  },
  agentEgress: {
    type: { kind: "hosts" },
    default: [],
    env: "AUTOSD_AGENT_EGRESS",
    flag: "--agent-egress",
    files: ["home"],
    description:
      "Hosts with their ports (api.example.com:443) that the agent may connect to besides the package registries.",
  },
  agentEnv: {
    type: { kind: "variables" },
    default: [],
    env: "AUTOSD_AGENT_ENV",
    flag: "--agent-env",
    files: ["home"],
    description:
      "Names of variables of the environment that are handed to the agent, such as the one with its key. Values are shown to nobody else.",
  },
  agentReadDirs: {
    type: { kind: "paths" },
    default: [],
    env: "AUTOSD_AGENT_READ_DIRS",
    flag: "--agent-read-dir",
    files: ["home"],
    description:
      "Folders that the agent may read besides the one that its program was installed into.",
  },
  agentTimeoutSeconds: {
    type: { kind: "integer", minimum: 1, maximum: 86_400 },
    default: 3_600,
    env: "AUTOSD_AGENT_TIMEOUT_SECONDS",
    flag: undefined,
    files: ["home"],
    description: "Longest time that the agent may take for one attempt at a story.",
  },
  agentSilentSeconds: {
    type: { kind: "integer", minimum: 1, maximum: 86_400 },
    default: 600,
    env: "AUTOSD_AGENT_SILENT_SECONDS",
    flag: undefined,
    files: ["home"],
    description:
      "Longest time that the agent may say nothing; an agent at work tells what it does.",
  },
  modelContextTokens: {
    type: { kind: "integer", minimum: 1_024, maximum: 100_000_000 },
    default: undefined,
    env: "AUTOSD_MODEL_CONTEXT_TOKENS",
    flag: undefined,
    files: ["home"],
    description:
      "How many tokens the language model takes, its answer included; conversations are shortened before they are longer. Without it 128,000, and less once the provider says that a request is too long.",
  },
  plannerModelContextTokens: {
    type: { kind: "integer", minimum: 1_024, maximum: 100_000_000 },
    default: undefined,
    env: "AUTOSD_PLANNER_MODEL_CONTEXT_TOKENS",
    flag: undefined,
    files: ["home"],
    description:
      "The same of the model that plans, where plannerModel is set; without it 128,000 for that model.",
  },
  baseUrl: {
    type: { kind: "url" },
    default: undefined,
    env: "AUTOSD_BASE_URL",
    flag: "--base-url",
    files: ["home"],
    description:
      "Address of the provider, with its version (http://127.0.0.1:11434/v1); needed for openai-compatible.",
  },
  keyFile: {
    type: { kind: "path" },
    default: undefined,
    env: "AUTOSD_KEY_FILE",
    flag: "--key-file",
    files: ["home"],
    description:
      "File whose first line is the provider's key. Nobody else may be able to read it. Without it the key is in the provider's own environment variable.",
  },
  waitForResetSeconds: {
    type: { kind: "integer", minimum: 0, maximum: 2_592_000 },
    default: undefined,
    env: "AUTOSD_WAIT_FOR_RESET_SECONDS",
    flag: "--wait-for-reset",
    files: ["home"],
    description:
      "Longest wait for a provider's rate limit; beyond it the run stops resumable. Without it two minutes.",
  },
  maxCostUsd: {
    type: { kind: "amount", minimum: 0, maximum: 1_000_000 },
    default: undefined,
    env: "AUTOSD_MAX_COST_USD",
    flag: "--max-cost-usd",
    files: ["home"],
    description:
      "What a run may spend on language models, in US dollars; it stops resumable before the call that could cross it.",
  },
  maxTokens: {
    type: { kind: "integer", minimum: 1, maximum: 1_000_000_000 },
    default: undefined,
    env: "AUTOSD_MAX_TOKENS",
    flag: "--max-tokens",
    files: ["home"],
    description:
      "How many tokens a run may read and write with language models; it stops resumable before the call that could cross it.",
  },
  parallelPromptWorkers: {
    type: { kind: "integer", minimum: 1, maximum: 32 },
    default: 1,
    env: "AUTOSD_PARALLEL_PROMPT_WORKERS",
    flag: "--parallel-prompt-workers",
    files: ["project", "home"],
    description:
      "How many stories a language model works on at the same time. More than one: stories that wait for nothing are begun ahead of their turn; the result is the same, it is there sooner.",
  },
  allowStaleParallelPrompts: {
    type: { kind: "boolean" },
    default: false,
    env: "AUTOSD_ALLOW_STALE_PARALLEL_PROMPTS",
    flag: "--allow-stale-parallel-prompts",
    files: ["project", "home"],
    description:
      "Merges and verifies what was made ahead although files that it had read have changed since. When that fails the story is tried again with a fresh prompt. Without it such work is thrown away and done again.",
  },
  strictParallelPrompts: {
    type: { kind: "boolean" },
    default: false,
    env: "AUTOSD_STRICT_PARALLEL_PROMPTS",
    flag: undefined,
    files: ["project", "home"],
    description:
      "Work that was made ahead counts as stale when any file has changed since it was begun, not only when one that it had read has.",
  },
  preferredPlatform: {
    type: { kind: "name" },
    default: undefined,
    env: "AUTOSD_PREFERRED_PLATFORM",
    flag: "--preferred-platform",
    files: ["project", "home"],
    description:
      "Platform to build on when the requirements leave the choice, such as api_service.",
  },
  maxTaskAttempts: {
    type: { kind: "integer", minimum: 1, maximum: 20 },
    default: 2,
    env: "AUTOSD_MAX_TASK_ATTEMPTS",
    flag: "--max-task-attempts",
    files: ["project", "home"],
    description: "How often one story is tried before it is reported as failed.",
  },
  maxStoriesPerSprint: {
    type: { kind: "integer", minimum: 1, maximum: 1_000 },
    default: 8,
    env: "AUTOSD_MAX_STORIES_PER_SPRINT",
    flag: "--max-stories-per-sprint",
    files: ["project", "home"],
    description: "How many stories one sprint takes from the backlog.",
  },
  timeoutSeconds: {
    type: { kind: "integer", minimum: 1, maximum: 2_592_000 },
    default: undefined,
    env: "AUTOSD_TIMEOUT_SECONDS",
    flag: "--timeout-seconds",
    files: ["project", "home"],
    description:
      "Longest time that a run may take; it stops resumable. Without it a run takes what it needs, each of its commands within bounds.",
  },
  sandbox: {
    type: { kind: "choice", choices: ["auto", "bubblewrap", "unshare", "none"] },
    default: "auto",
    env: "AUTOSD_SANDBOX",
    flag: undefined,
    files: ["home"],
    description:
      "What generated code runs in. auto takes the first of bubblewrap and unshare that proves itself, and never none: none runs generated code with your own rights.",
  },
  preauthPassphraseFile: {
    type: { kind: "path" },
    default: undefined,
    env: "AUTOSD_PREAUTH_PASSPHRASE_FILE",
    flag: undefined,
    files: ["home"],
    description:
      "File whose first line is the passphrase of the signing keys, for machines without a terminal. Nobody else may be able to read it.",
  },
  gitTokenFile: {
    type: { kind: "path" },
    default: undefined,
    env: "AUTOSD_GIT_TOKEN_FILE",
    flag: undefined,
    files: ["home"],
    description:
      "File whose first line is the token for pushing over HTTPS. Nobody else may be able to read it.",
  },
  otlpEndpoint: {
    type: { kind: "url" },
    default: undefined,
    env: "AUTOSD_OTLP_ENDPOINT",
    flag: undefined,
    files: ["home"],
    description:
      "OpenTelemetry collector (http://127.0.0.1:4318) that is sent a span for each call of a language model, without a word of what was said. Without it OTEL_EXPORTER_OTLP_ENDPOINT; without that nothing is sent.",
  },
  registryHosts: {
    type: { kind: "hosts" },
    default: [],
    env: "AUTOSD_REGISTRY_HOSTS",
    flag: undefined,
    files: ["home"],
    description:
      "The only hosts that installing dependencies may connect to. Empty: the registries that npm is configured with.",
  },
  cacheMaxMegabytes: {
    type: { kind: "integer", minimum: 1, maximum: 100_000_000 },
    default: 5_000,
    env: "AUTOSD_CACHE_MAX_MEGABYTES",
    flag: undefined,
    files: ["home"],
    description:
      "Space that installed dependencies, npm's cache and remembered gates may take together. After a run the least recently used go, never those that a run is using.",
  },
  cacheUnusedDays: {
    type: { kind: "integer", minimum: 1, maximum: 3_650 },
    default: 30,
    env: "AUTOSD_CACHE_UNUSED_DAYS",
    flag: undefined,
    files: ["home"],
    description:
      "After so many days without use, installed dependencies and remembered gates are removed.",
  },
} as const satisfies Readonly<Record<string, ConfigOption>>;

export type OptionName = keyof typeof options;

type Optional<D> = D extends undefined ? undefined : never;

/** Resolved values: paths absolute, everything within its bounds. */
export type Config = {
  readonly [K in OptionName]:
    ValueOf<(typeof options)[K]["type"]> | Optional<(typeof options)[K]["default"]>;
};

export const optionNames: readonly OptionName[] = Object.keys(options).filter(isOptionName);

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(options, name);
}
