import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

/** Why a recorded session cannot be written or replayed. */
export const sessionErrors = {
  "AUTOSD-REPLAY-UNREADABLE": {
    exitCode: 2,
    summary: "The recorded session does not exist or cannot be opened.",
    remedy: "Pass the file that a run with --record wrote: --replay-file FILE",
    retryable: false,
  },
  "AUTOSD-REPLAY-CORRUPT": {
    exitCode: 2,
    summary: "The file is not a recorded session, or it was changed after it was recorded.",
    remedy: "Record the session again: autosd run --record FILE ...",
    retryable: false,
  },
  "AUTOSD-REPLAY-UNKNOWN-PROMPT": {
    exitCode: 2,
    summary: "The run asks something that is not in the recorded session.",
    remedy:
      "Replay with the requirements and the options of the recorded run, or record the session again: autosd run --record FILE ...",
    retryable: false,
  },
  "AUTOSD-RECORD-REFUSED": {
    exitCode: 2,
    summary: "The session cannot be recorded into this file.",
    remedy: "Choose a new file in a folder that you may write to: --record FILE",
    retryable: false,
  },
} as const satisfies ErrorTable;

export type SessionErrorCode = keyof typeof sessionErrors;

/** A recorded session cannot be written or replayed; nothing was changed. */
export class SessionError extends AutosdError {
  constructor(code: SessionErrorCode, message: string, options: AutosdErrorOptions = {}) {
    super(code, sessionErrors[code], message, options);
  }
}
