import type { ParallelSettings } from "./parallel/parallel-settings.ts";
import type { RunRequest } from "./run-request.ts";

/** Words that a shell takes as they are. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** What `autosd run` does where nothing is said. */
export const usualRun = { maxTaskAttempts: 2, maxStoriesPerSprint: 8 } as const;

/** What was asked for; what is absent was not asked about. */
export type AskedRun = Pick<RunRequest, "directory" | "existing" | "models" | "provider"> &
  Partial<
    Pick<
      RunRequest,
      | "agent"
      | "executionMode"
      | "install"
      | "maxStoriesPerSprint"
      | "maxTaskAttempts"
      | "parallel"
      | "preferredPlatform"
      | "projectId"
      | "providerWhy"
      | "reproducible"
    >
  >;

/**
 * The command that goes on with what a run left open, under the same options and with whoever built
 * so far. Left out is what would not go on: planning alone, a recorded session, which knows nothing
 * of what comes next, and the file of a record, which is never written twice; and the longest time
 * of a run, which is none of its request.
 */
export function repeatCommand(request: AskedRun, provider: string): string {
  const { directory, existing } = request;
  const words = [
    ...["autosd", "run"],
    ...["--requirements-file", `${directory}/.autosd/requirements.md`],
    ...(existing === undefined
      ? ["--output-dir", directory]
      : ["--project-dir", directory, ...flag("--branch", existing.branch)]),
    ...flag("--project-id", request.projectId),
    ...switched("--execution-mode direct", request.executionMode === "direct"),
    ...flag("--provider", askedProvider(request, provider)),
    ...modelFlags(request.models),
    ...agentFlags(request.provider === "acp" ? request.agent : undefined),
    ...workerFlags(request.models === null ? undefined : request.parallel),
    ...flag("--preferred-platform", existing === undefined ? request.preferredPlatform : null),
    ...count("--max-task-attempts", request.maxTaskAttempts, usualRun.maxTaskAttempts),
    ...count("--max-stories-per-sprint", request.maxStoriesPerSprint, usualRun.maxStoriesPerSprint),
    ...switched("--reproducible", request.reproducible === true),
    ...switched("--no-install", request.install === false),
  ];
  return words.map(shellWord).join(" ");
}

/** Its times are of the configuration and not of the command. */
function agentFlags(agent: RunRequest["agent"]): readonly string[] {
  if (agent === undefined) return [];
  const { command, authMethod, egress, environment, readFolders, plannerProvider } = agent;
  return [
    ...["--agent-command", command.map(shellWord).join(" ")],
    ...flag("--agent-auth", authMethod),
    ...egress.flatMap((host) => ["--agent-egress", host]),
    ...environment.flatMap((name) => ["--agent-env", name]),
    ...readFolders.flatMap((folder) => ["--agent-read-dir", folder]),
    ...flag("--planner-provider", plannerProvider),
  ];
}

/** Null: the usual choice, which nobody made. */
function askedProvider({ provider: asked, providerWhy }: AskedRun, settled: string): string | null {
  if (asked === "auto" || settled === "replay") return null;
  // Blueprint is what is left when no model is there; whoever named it wants no other.
  return settled === "blueprint" && (providerWhy ?? null) !== null ? null : settled;
}

function modelFlags(models: RunRequest["models"]): readonly string[] {
  if (models === null) return [];
  const { waitForResetSeconds: waitSeconds, maxCostUsd, maxTokens } = models;
  return [
    ...flag("--model", models.model),
    ...flag("--planner-model", models.plannerModel),
    ...flag("--base-url", models.baseUrl),
    ...flag("--key-file", models.keyFile),
    ...flag("--wait-for-reset", waitSeconds === null ? null : `${waitSeconds}s`),
    ...flag("--max-cost-usd", maxCostUsd === null ? null : decimal(maxCostUsd)),
    ...flag("--max-tokens", maxTokens === null ? null : String(maxTokens)),
  ];
}

/** One alone works at its turn, whatever is said of others. */
function workerFlags(parallel: ParallelSettings | undefined): readonly string[] {
  if (parallel === undefined || parallel.workers < 2) return [];
  return [
    ...["--parallel-prompt-workers", String(parallel.workers)],
    ...switched("--allow-stale-parallel-prompts", parallel.allowStale),
  ];
}

/** An amount as the command line reads it: never an exponent, at most six digits behind the point. */
function decimal(amount: number): string {
  return amount.toFixed(6).replace(/\.?0+$/, "");
}

function flag(name: string, value: string | null | undefined): readonly string[] {
  return value === null || value === undefined ? [] : [name, value];
}

function count(name: string, value: number | undefined, usual: number): readonly string[] {
  return value === undefined || value === usual ? [] : [name, String(value)];
}

function switched(words: string, isOn: boolean): readonly string[] {
  return isOn ? words.split(" ") : [];
}

/** A word as a shell takes it: plain when it can be, in single quotes otherwise. */
export function shellWord(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
