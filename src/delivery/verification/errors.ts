import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../../kernel/errors.ts";

export const verificationErrors = {
  "AUTOSD-INSTALL-FAILED": {
    exitCode: 5,
    summary: "Dependencies could not be fetched: the package registry did not answer.",
    remedy: "Check the network and npm's registry setting, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-TOOLCHAIN-MISSING": {
    exitCode: 5,
    summary: "This machine lacks a part of the language's tools that the project's checks need.",
    remedy: "Install what is named, then run: autosd runs resume",
    retryable: true,
  },
  "AUTOSD-VERIFY-STORAGE": {
    exitCode: 5,
    summary: "Verification cannot write its scratch files: no permission, or the disk is full.",
    remedy:
      "Free disk space or correct the permissions of AUTOSD_HOME, then run: autosd runs resume",
    retryable: true,
  },
} as const satisfies ErrorTable;

export type VerificationErrorCode = keyof typeof verificationErrors;

/** The machine cannot judge; says nothing about what was to be judged. */
export class VerificationError extends AutosdError {
  constructor(code: VerificationErrorCode, message: string, options?: AutosdErrorOptions) {
    super(code, verificationErrors[code], message, options);
  }
}
