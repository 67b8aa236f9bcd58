import type { ErrorTable } from "../../../kernel/errors.ts";

/** What an implementer asks for and does not get. Nobody is asked: without a person, "ask" means no. */
export const denialErrors = {
  "AUTOSD-ACTION-DENIED": {
    exitCode: 3,
    summary:
      "A story needs an action on the world outside; an implementer never gets leave for one.",
    remedy: "Take the action yourself after the run, or take it out of the requirements.",
    retryable: false,
  },
  "AUTOSD-NETWORK-DENIED": {
    exitCode: 3,
    summary: "A story needs a host that the commands of an implementer may not reach.",
    remedy:
      "Put what the story needs into the project's folder, or into a package of your registry, and run the command again.",
    retryable: false,
  },
  "AUTOSD-PATH-DENIED": {
    exitCode: 3,
    summary: "A story needs a file outside the project, or one of git's own.",
    remedy: "Say in the requirements where inside the project the file belongs.",
    retryable: false,
  },
} as const satisfies ErrorTable;
