import type { Autosd } from "../engine/autosd.ts";
import type { LearnReport, TemplateLessons } from "../engine/learn/learn-calls.ts";

/** Lessons of a template, for tests of how they are shown. */
const implementLessons: TemplateLessons = {
  ...{ id: "implement@1", name: "implement", version: 1, scope: "package" },
  models: ["openai/scripted"],
  firstTs: "2026-01-01T00:00:00.000Z",
  lastTs: "2026-01-02T00:00:00.000Z",
  attempts: 12,
  ends: { good: 7, rejected: 3, failed: 1, open: 1 },
  ...{ calls: 80, failedCalls: 2, inputTokens: 90_000, outputTokens: 12_000, cachedTokens: 40_000 },
  ...{ callsWithoutUsage: 0, microusd: 123_400, callsWithoutPrice: 5, retries: 3, brokenOff: 1 },
  findings: [
    {
      ...{ kind: "edit-ambiguous", count: 9, attempts: 5, tokens: 11_000, microusd: 12_000 },
      places: [{ project: "tasks", run: "run_01", story: "ST-1", attempt: 1, turn: 4 }],
    },
  ],
};

/** A report with one proposal. */
export const shownLearnReport: LearnReport = {
  schema: "autosd/learn-report@1",
  projects: [
    { id: "tasks", directory: "/here/app", records: 400, damagedLines: 1, problem: null },
    { id: "old", directory: "/gone", records: 0, damagedLines: 0, problem: "it is a link." },
  ],
  projectsWithoutJournal: 2,
  templates: [implementLessons],
  passedOver: 0,
  comparisons: [
    {
      name: "implement",
      before: { id: "implement@1", judged: 11, good: 7, tokensPerAttempt: 8_500 },
      after: {
        id: "implement@2+home.0123456789ab",
        judged: 2,
        good: 2,
        tokensPerAttempt: 7_000,
      },
      verdict: "too-few",
      minJudged: 20,
    },
  ],
  inForce: ["implement@1"],
  proposals: [
    {
      ...{ template: "implement@1", remedy: "quote-more-lines", against: "edit-ambiguous" },
      line: "In `replace`, quote more lines.",
      evidence: "edit refused: 9 times in 5 of 12 attempts; 11000 tokens in answers with it",
      places: [],
      expectation: "fewer edits refused",
      standing: "proposed",
    },
  ],
  notes: ["Figures overlap."],
};

/** Answers of `autosd learn`. */
export function learnAnswers(): Autosd["learn"] {
  const written = {
    id: "implement@2+home.0123456789ab",
    file: "/home/user/.autosd/prompts/implement/2.md",
    base: "implement@1",
    remedies: ["quote-more-lines"],
  };
  return {
    report: async () => shownLearnReport,
    update: async () => ({ report: shownLearnReport, written: [written] }),
    undo: async () => ({ kind: "nothing" }),
  };
}
