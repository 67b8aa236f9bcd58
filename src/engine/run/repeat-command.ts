import type { RunRequest } from "./run-request.ts";

/** Words that a shell takes as they are. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * The command that goes on with what a run left open, with whoever built so far, and as many of them. Limits of money,
 * tokens and time are left out: they are for the person to set anew.
 */
export function repeatCommand(
  request: Pick<RunRequest, "directory" | "existing" | "models" | "parallel" | "provider">,
  provider: string,
): string {
  const { directory, existing, models, parallel } = request;
  const isAhead = models !== null && parallel !== undefined && parallel.workers > 1;
  const asked = request.provider === "auto" ? null : provider;
  const words = [
    ...["autosd", "run"],
    ...["--requirements-file", `${directory}/.autosd/requirements.md`],
    ...(existing === undefined
      ? ["--output-dir", directory]
      : ["--project-dir", directory, ...flag("--branch", existing.branch)]),
    ...flag("--provider", asked === "blueprint" || asked === "replay" ? null : asked),
    ...flag("--model", models?.model ?? null),
    ...flag("--planner-model", models?.plannerModel ?? null),
    ...flag("--base-url", models?.baseUrl ?? null),
    ...flag("--key-file", models?.keyFile ?? null),
    ...flag("--parallel-prompt-workers", isAhead ? String(parallel.workers) : null),
    ...(isAhead && parallel.allowStale ? ["--allow-stale-parallel-prompts"] : []),
  ];
  return words.map(shellWord).join(" ");
}

function flag(name: string, value: string | null): readonly string[] {
  return value === null ? [] : [name, value];
}

/** A word as a shell takes it: plain when it can be, in single quotes otherwise. */
export function shellWord(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
