import type { Autosd } from "../engine/autosd.ts";

const explanation: Awaited<ReturnType<Autosd["policy"]["explain"]>> = {
  schema: "autosd/policy-explanation@1",
  decision: "deny",
  code: "AUTOSD-FREEZE",
  message: "frozen now: weekend",
  commit: "c0ffee".repeat(6) + "c0ff",
  notes: ["No commit was named: this is about the newest."],
  failures: [
    {
      reason: "scope_environment",
      stage: 12,
      link: 0,
      message: "the grant allows staging; prod was requested",
    },
  ],
  rules: [
    { id: "action", verdict: "pass", message: "allowed are all", source: "built-in" },
    {
      id: "freeze",
      verdict: "fail",
      message: "frozen now: weekend",
      source: "policy.json freezes[0]",
    },
    { id: "overlay", verdict: "error", message: "not installed", source: "policy.cedar" },
  ],
  warnings: ["an unprotected key reaches prod"],
  fix: "autosd preauth create-grant --project-ids tasks --auto-deploy-prod",
  policyDigest: "sha256:0",
};

/** Answers of an engine about policy, for tests of how they are shown. */
export function policyAnswers(): Autosd["policy"] {
  return {
    show: async () => ({
      schema: "autosd/policy-view@1",
      project: "tasks",
      directory: "/here/app",
      notes: ["A note."],
      digest: "sha256:0",
      findings: [],
      limits: [
        {
          environment: "prod",
          actions: ["deploy", "promote"],
          name: "quorum",
          value: 2,
          source: "policy.json rules[0].quorum",
        },
        {
          environment: "prod",
          actions: ["push"],
          name: "requiredGates",
          value: [],
          source: "built-in",
        },
      ],
      freezes: [
        { name: "weekend", when: "sat, sun", environments: ["prod"], source: "policy.json" },
      ],
      overlay: "policy.cedar",
      grant: null,
    }),
    explain: async () => explanation,
    test: async () => ({ schema: "autosd/policy-test@1", cases: [], failed: 0 }),
    replay: async () => ({
      schema: "autosd/policy-replay@1",
      seq: 8,
      same: false,
      policyDigest: "sha256:0",
      recorded: { decision: "allow", code: null },
      now: { decision: "deny", code: "AUTOSD-FREEZE", rules: explanation.rules },
    }),
    check: async () => ({
      findings: [{ file: "policy.json", line: 3, column: 5, message: "qourum is not known" }],
    }),
  };
}

/** Answers of the kill switch. */
export function haltAnswers(): Autosd["halts"] {
  const halt = { project: "tasks", reason: "wrong prices", by: "ana", atMs: 0 };
  return {
    halt: async () => ({
      halt,
      alreadyHalted: false,
      notRecorded: { code: "AUTOSD-AUDIT-UNWRITABLE", message: "There is no room." },
      unknownProject: { near: "task" },
    }),
    resume: async () => ({
      project: "tasks",
      wasHalted: true,
      seq: 9,
      kid: "kid",
      stillHaltedByAll: true,
    }),
    list: async () => [halt],
  };
}
