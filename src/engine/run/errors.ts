import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const flowErrors = {
  "AUTOSD-OUTPUT-NOT-OURS": {
    exitCode: 2,
    summary: "The output folder holds files that autosd did not create.",
    remedy: "Choose an empty or new folder with --output-dir.",
    retryable: false,
  },
  "AUTOSD-OUTPUT-UNWRITABLE": {
    exitCode: 2,
    summary: "Files cannot be written in the output folder.",
    remedy: "Choose a writable folder with --output-dir.",
    retryable: false,
  },
  "AUTOSD-PROJECT-CONFLICT": {
    exitCode: 2,
    summary: "The project id is taken by another folder, or the folder by another project id.",
    remedy: "autosd projects list",
    retryable: false,
  },
  "AUTOSD-REPOSITORY-UNSUITED": {
    exitCode: 2,
    summary: "The folder of --project-dir is no git repository that a run can work on.",
    remedy: "Give the root of an ordinary git repository with at least one commit.",
    retryable: false,
  },
  "AUTOSD-BRANCH-TAKEN": {
    exitCode: 2,
    summary: "The branch that a run would work on holds somebody else's work, or cannot be made.",
    remedy: "Choose another one with --branch NAME.",
    retryable: false,
  },
  "AUTOSD-TOOLCHAIN-UNKNOWN": {
    exitCode: 2,
    summary: "Nothing is known about checking a project of this kind.",
    remedy:
      "Supported are Node.js projects (package.json; npm, pnpm, yarn or bun) and Python projects (pytest or unittest).",
    retryable: false,
  },
  "AUTOSD-LOCKFILE-MISSING": {
    exitCode: 2,
    summary: "The project's dependencies are not locked by a lockfile that can be read.",
    remedy: "npm install --package-lock-only --ignore-scripts",
    retryable: false,
  },
  "AUTOSD-PROVIDER-UNSUITED": {
    exitCode: 2,
    summary: "The provider builds new projects only; an existing one needs a language model.",
    remedy: "Name a model: --provider openai --model NAME (or anthropic, google, ...).",
    retryable: false,
  },
  "AUTOSD-BASE-RED": {
    exitCode: 4,
    summary: "The project is red before anything was changed, so no change could be shown right.",
    remedy: "Make the project's own checks pass and commit that, then run the command again.",
    retryable: false,
  },
  "AUTOSD-RUN-TIMEOUT": {
    exitCode: 7,
    summary: "The run used up the time of --timeout-seconds and is resumable.",
    remedy: "autosd runs resume",
    retryable: true,
  },
  "AUTOSD-NOTHING-TO-RESUME": {
    exitCode: 2,
    summary: "No run is waiting to be resumed.",
    remedy: "autosd runs list",
    retryable: false,
  },
  "AUTOSD-INTEGRITY-COMMIT": {
    exitCode: 6,
    summary: "A commit does not hold the tree that was verified.",
    remedy: "Look at the repository's recent history with git log, then run the command again.",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type FlowErrorCode = keyof typeof flowErrors;

/** Ends a flow that drives a project. */
export class FlowError extends AutosdError {
  constructor(code: FlowErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, flowErrors[code], message, options);
  }
}
