import type { Autosd, RunResult } from "../engine/autosd.ts";
import { auditAnswers } from "./example-audit.ts";
import { haltAnswers, policyAnswers } from "./example-policy.ts";
import { grantAnswers } from "./example-grants.ts";
import { keyAnswers } from "./example-keys.ts";
import { learnAnswers } from "./example-learn.ts";

type Evidence = RunResult["projectGates"][number];
type Backlog = Awaited<ReturnType<Autosd["backlog"]["show"]>>;
type Project = Awaited<ReturnType<Autosd["projects"]["show"]>>;
type Run = Awaited<ReturnType<Autosd["runs"]["cancel"]>>;

/** Answers of an engine, for tests of how they are shown. */
export const exampleCommit = "3f2a1c9e0011223344556677889900aabbccddee";

/** Evidence of one gate. */
export function shownEvidence(gate: string, parts: Partial<Evidence> = {}): Evidence {
  return {
    gate,
    verdict: "green",
    command: ["npm", "test"],
    exitCode: 0,
    durationMs: 1_200,
    tree: "t",
    outputDigest: "sha256:0",
    finding: "14 tests passed",
    ...parts,
  };
}

/** A run that built one story of three. */
export const incompleteResult: RunResult = {
  schema: "autosd/run-result@1",
  runId: "run_01",
  projectId: "tasks",
  title: "Task service",
  directory: "/here/app",
  platform: "api_service",
  provider: "blueprint",
  outcome: "incomplete",
  exitCode: 4,
  stories: [
    {
      id: "ST-1",
      title: "Create a task",
      status: "done",
      commit: exampleCommit,
      reason: undefined,
      sentences: [{ id: "S1", text: "A user can create a task." }],
    },
    {
      id: "ST-2",
      title: "Delete a task",
      status: "failed",
      commit: undefined,
      reason: "tests is red: AC-2.1 deletes a task: expected 204, got 500",
      sentences: [{ id: "S2", text: "A user can delete a task." }],
    },
    {
      id: "ST-3",
      title: "Send a reminder",
      status: "unimplemented",
      commit: undefined,
      reason: "There is no building block for e-mail.",
      sentences: [{ id: "S3", text: "Every morning the user gets an e-mail with the tasks." }],
    },
  ],
  projectGates: [
    shownEvidence("install"),
    shownEvidence("tests", { verdict: "red", finding: "1 of 15 tests failed" }),
  ],
  head: exampleCommit,
  testsRun: 15,
  howToStart: ["npm ci", "npm start"],
  durationsMs: { total: 65_000, install: 12_000, gates: 45_000, autosd: 8_000 },
  resume: "autosd runs resume run_01",
};

/** A run that built everything. */
export const verifiedResult: RunResult = {
  ...incompleteResult,
  outcome: "verified",
  exitCode: 0,
  stories: incompleteResult.stories.slice(0, 1),
  projectGates: [shownEvidence("install"), shownEvidence("tests")],
  resume: undefined,
};

export const shownBacklog: Backlog = {
  provenHere: true,
  schema: "autosd/backlog@1",
  project: "tasks",
  requirementsDigest: "sha256:0",
  updatedAt: "2026-01-01T00:00:00.000Z",
  stories: [
    {
      id: "ST-1",
      title: "Create a task",
      narrative: "As a user, I want tasks, so that I forget nothing.",
      criteria: [],
      sentences: [],
      features: [],
      dependsOn: [],
      points: 3,
      priority: "must",
      status: "done",
      attempts: [],
      commit: exampleCommit,
      sprint: "sprint-1",
    },
    {
      id: "ST-2",
      title: "Delete a task",
      narrative: "As a user, I want to forget, so that I am free.",
      criteria: [],
      sentences: [],
      features: [],
      dependsOn: ["ST-1"],
      points: 1,
      priority: "must",
      status: "failed",
      statusReason: "tests is red",
      attempts: [],
      commit: null,
      sprint: "sprint-1",
    },
  ],
};

export const shownProject: Project = {
  id: "tasks",
  title: "Task service",
  directory: "/here/app",
  platform: "api_service",
  status: "open",
  health: "incomplete",
  storiesDone: 1,
  storiesTotal: 3,
  lastRunId: "run_01",
  createdAtMs: 0,
  updatedAtMs: 60_000,
};

export const shownRun: Run = {
  runId: "run_01",
  flow: "run",
  version: 1,
  partition: "project:/here/app",
  status: "interrupted",
  input: {},
  output: undefined,
  error: undefined,
  createdAtMs: 0,
  updatedAtMs: 60_000,
  executions: 2,
  cancelRequested: false,
};

function sprintAnswers(): Autosd["sprint"] {
  const sprint = {
    schema: "autosd/sprint@1",
    id: "sprint-1",
    goal: "Create a task",
    status: "planned",
    stories: ["ST-1"],
    plannedPoints: 3,
    startedAt: null,
    endedAt: null,
  } as const;
  const figures = {
    id: "sprint-1",
    plannedPoints: 3,
    donePoints: 3,
    storiesDone: 1,
    storiesTotal: 1,
    firstAttemptGreen: 1,
    attempts: 1,
    durationMs: 61_000,
  };
  const metrics = { sprints: [figures], velocity: 3, runSuccess: 0.5 };
  return {
    plan: async () => sprint,
    start: async () => ({ ...sprint, status: "active" }),
    review: async () => ({
      sprint: "sprint-1",
      stories: [{ id: "ST-1", title: "Create a task", done: false, missing: ["No commit."] }],
      donePoints: 0,
      definitionOfDone: false,
      provenHere: true,
    }),
    retro: async () => ({ file: "/here/app/.autosd/retro.md", metrics }),
    metrics: async () => metrics,
    run: async () => incompleteResult,
  };
}

/** An engine that has an answer to everything. */
export function answeringEngine(): Autosd {
  const refinement = {
    ...{ refined: emptyRefinement, file: "/here/app/.autosd/x.md", gaps: [] },
    next: "autosd run --requirements-file /here/app/.autosd/requirements.md --output-dir /here/app",
  };
  return {
    run: async () => verifiedResult,
    refine: async () => refinement,
    checkTraceability: async () => refinement,
    backlog: {
      show: async () => shownBacklog,
      refine: async () => ({ backlog: shownBacklog, added: [], removed: [] }),
    },
    sprint: sprintAnswers(),
    runs: {
      list: async () => [shownRun],
      show: async () => ({ run: shownRun, steps: [] }),
      resume: async () => verifiedResult,
      cancel: async () => ({ ...shownRun, status: "cancelled" }),
    },
    projects: {
      list: async () => [shownProject],
      show: async () => shownProject,
      summary: async () => [{ status: "open", health: "incomplete", count: 1 }],
      status: async () => ({ project: shownProject, backlog: shownBacklog, lastRun: shownRun }),
      retire: async () => ({ ...shownProject, status: "retired" }),
    },
    audit: auditAnswers(),
    keys: keyAnswers(),
    grants: grantAnswers(),
    policy: policyAnswers(),
    halts: haltAnswers(),
    learn: learnAnswers(),
    push: async (input) => ({
      schema: "autosd/push-result@1",
      runId: "run_1",
      project: input.project,
      remote: "ssh://git.example.org/bookmarks.git",
      branch: input.branch ?? "main",
      commit: "c".repeat(40),
      before: null,
      pushed: true,
    }),
    doctor: async () => [
      { name: "git", ok: true, required: true, finding: "git 2.39", remedy: undefined },
    ],
    close: async () => undefined,
  };
}

const emptyRefinement: Awaited<ReturnType<Autosd["refine"]>>["refined"] = {
  schema: "autosd/refined-requirements@1",
  source: { name: "text", digest: "sha256:0" },
  title: "Task service",
  brief: "Tasks.",
  personas: [],
  stories: [],
  nonfunctional: [],
  ambiguities: [],
  contradictions: [],
  missingConstraints: [],
  edgeCases: [],
  externalDependencies: [],
  assumptions: [],
  stack: [],
  notCovered: [],
};
