import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const backlogErrors = {
  "AUTOSD-BACKLOG-INVALID": {
    exitCode: 6,
    summary: "The recorded backlog cannot be read: it is damaged or was not written by autosd.",
    remedy:
      "Restore .autosd/backlog.json from a copy, or move it away and run: autosd backlog refine",
    retryable: false,
  },
  "AUTOSD-BACKLOG-UNORDERED": {
    exitCode: 6,
    summary: "Stories wait for each other in a circle, or for a story that does not exist.",
    remedy: "Correct the dependencies, then run: autosd backlog refine",
    retryable: false,
  },
  "AUTOSD-STORY-TRANSITION": {
    exitCode: 6,
    summary: "A story was about to change to a status that its record does not allow.",
    remedy: "autosd backlog show",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type BacklogErrorCode = keyof typeof backlogErrors;

/** Ends a command because the backlog, or a change of it, makes no sense. */
export class BacklogError extends AutosdError {
  constructor(code: BacklogErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, backlogErrors[code], message, options);
  }
}
