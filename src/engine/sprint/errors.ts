import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const sprintErrors = {
  "AUTOSD-SPRINT-NONE": {
    exitCode: 2,
    summary: "The project has no sprint yet.",
    remedy: "autosd sprint plan",
    retryable: false,
  },
  "AUTOSD-SPRINT-OPEN": {
    exitCode: 2,
    summary: "The sprint before is not closed yet.",
    remedy: "autosd sprint review, then autosd sprint retro",
    retryable: false,
  },
  "AUTOSD-SPRINT-NOT-STARTED": {
    exitCode: 2,
    summary: "The sprint is planned and not started.",
    remedy: "autosd sprint start",
    retryable: false,
  },
  "AUTOSD-SPRINT-NOT-REVIEWED": {
    exitCode: 2,
    summary: "The sprint is running: a retrospective comes after its review.",
    remedy: "autosd sprint review",
    retryable: false,
  },
  "AUTOSD-SPRINT-EMPTY": {
    exitCode: 2,
    summary: "No story is ready to be planned.",
    remedy: "autosd backlog show",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type SprintErrorCode = keyof typeof sprintErrors;

/** Ends a command because the sprint is not where the command needs it to be. */
export class SprintError extends AutosdError {
  constructor(code: SprintErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, sprintErrors[code], message, options);
  }
}
