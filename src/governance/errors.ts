import { AutosdError, type AutosdErrorOptions, type ErrorTable } from "../kernel/errors.ts";

/** Refusals and failures of grants, keys, policy and the audit trail. `details.reason` is finer. */
export const governanceErrors = {
  "AUTOSD-PREAUTH-REQUIRED": {
    exitCode: 3,
    summary: "A privileged action was asked for without a grant.",
    remedy: "autosd preauth create-grant --help",
    retryable: false,
  },
  "AUTOSD-PREAUTH-INVALID": {
    exitCode: 3,
    summary: "The grant does not allow this action: revoked, expired, out of scope or spent.",
    remedy: "autosd preauth list --active-only",
    retryable: false,
  },
  "AUTOSD-PREAUTH-KEYS": {
    exitCode: 2,
    summary: "The signing keys are missing, locked, unsafe on disk or already there.",
    remedy: "autosd preauth init-keys",
    retryable: false,
  },
  "AUTOSD-PREAUTH-INPUT": {
    exitCode: 2,
    summary: "A grant cannot be made or changed as asked.",
    remedy: "autosd preauth create-grant --help",
    retryable: false,
  },
  "AUTOSD-PREAUTH-STORE": {
    exitCode: 6,
    summary: "A file of keys, grants or revocations is damaged or not safely yours.",
    remedy: "autosd doctor",
    retryable: false,
  },
  "AUTOSD-POLICY-DENIED": {
    exitCode: 3,
    summary: "The policy of the project does not allow this action.",
    remedy: "autosd policy explain --help",
    retryable: false,
  },
  "AUTOSD-POLICY-ERROR": {
    exitCode: 3,
    summary: "The policy cannot be evaluated; what cannot be decided is denied.",
    remedy: "autosd policy check .autosd/policy.json",
    retryable: false,
  },
  "AUTOSD-POLICY-INPUT": {
    exitCode: 2,
    summary: "A policy file, or a file of policy cases, is not valid or cannot be found.",
    remedy: "autosd policy check --help",
    retryable: false,
  },
  "AUTOSD-HALTED": {
    exitCode: 3,
    summary: "The project is halted.",
    remedy: "autosd resume --project <project>",
    retryable: false,
  },
  "AUTOSD-HALTED-RUN": {
    exitCode: 7,
    summary: "The project was halted while a run worked on it; the run stopped at its next step.",
    remedy: "autosd resume --project <project>",
    retryable: false,
  },
  "AUTOSD-FREEZE": {
    exitCode: 3,
    summary: "The policy freezes this environment at this time.",
    remedy: "autosd policy show --help",
    retryable: false,
  },
  "AUTOSD-CLOCK-ROLLBACK": {
    exitCode: 3,
    summary: "The machine's clock stands before the newest entry of the audit log.",
    remedy: "Set the machine's clock, then run the command again.",
    retryable: false,
  },
  "AUTOSD-AUDIT-LOCKED": {
    exitCode: 5,
    summary: "Another process held the audit log for too long.",
    remedy: "Wait until the other autosd process has finished, then run the command again.",
    retryable: true,
  },
  "AUTOSD-AUDIT-TAMPERED": {
    exitCode: 6,
    summary: "The audit log is not what was recorded: changed, cut, forked or damaged.",
    remedy: "autosd audit verify",
    retryable: false,
  },
  "AUTOSD-AUDIT-UNWRITABLE": {
    exitCode: 6,
    summary: "The action cannot be recorded in the audit log, so it was not done.",
    remedy: "autosd doctor",
    retryable: true,
  },
  "AUTOSD-AUDIT-QUERY": {
    exitCode: 2,
    summary: "There is no such entry in the audit log, or the filter cannot be read.",
    remedy: "autosd audit show --help",
    retryable: false,
  },
  "AUTOSD-AUDIT-WITNESSES": {
    exitCode: 2,
    summary: "The witness policy is missing, not valid, or not for this log.",
    remedy: "autosd audit witnesses --help",
    retryable: false,
  },
  "AUTOSD-AUDIT-UNWITNESSED": {
    exitCode: 5,
    summary: "Too few witnesses cosigned the audit log; what they cosigned was kept.",
    remedy: "autosd audit anchor submit",
    retryable: true,
  },
} as const satisfies ErrorTable;

export class GovernanceError extends AutosdError {
  constructor(
    code: keyof typeof governanceErrors,
    message: string,
    options: AutosdErrorOptions = {},
  ) {
    super(code, governanceErrors[code], message, options);
  }
}
