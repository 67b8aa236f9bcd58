import type { Attempt, Backlog, Evidence, Story } from "./backlog.ts";
import { indispensableGates } from "./definition-of-done.ts";

/** Backlogs for tests: only what a test is about needs to be said. */
export function exampleStory(number: number, parts: Partial<Story> = {}): Story {
  return {
    id: `ST-${number}`,
    title: `Story ${number}`,
    narrative: "As a reader, I want something, so that it helps.",
    criteria: [{ id: `AC-${number}.1`, given: "a state", when: "an action", then: "an effect" }],
    sentences: [{ id: `S${number}`, text: `Sentence ${number}.` }],
    features: [`feature-${number}`],
    dependsOn: [],
    points: 1,
    priority: "must",
    status: "ready",
    attempts: [],
    commit: null,
    sprint: null,
    ...parts,
  };
}

/** A backlog of the given stories. */
export function exampleBacklog(stories: readonly Story[]): Backlog {
  return {
    schema: "autosd/backlog@1",
    project: "example",
    requirementsDigest: "sha256:0",
    updatedAt: "2026-01-01T00:00:00.000Z",
    stories: [...stories],
  };
}

/** Evidence of one gate on the tree `tree-1`. */
export function exampleEvidence(gate: string, parts: Partial<Evidence> = {}): Evidence {
  return {
    gate,
    verdict: "green",
    command: ["npm", "test"],
    exitCode: 0,
    durationMs: 1_000,
    tree: "tree-1",
    outputDigest: "sha256:0",
    finding: "fine",
    ...parts,
  };
}

/** A verified attempt with all gates green. */
export function exampleAttempt(parts: Partial<Attempt> = {}): Attempt {
  return {
    number: 1,
    startedAt: "2026-01-01T00:00:10.000Z",
    endedAt: "2026-01-01T00:00:20.000Z",
    outcome: "verified",
    evidence: indispensableGates.map((gate) => exampleEvidence(gate)),
    ...parts,
  };
}

/** A story done at the first attempt. */
export function doneStory(number: number, parts: Partial<Story> = {}): Story {
  return exampleStory(number, {
    status: "done",
    attempts: [exampleAttempt()],
    commit: "c".repeat(40),
    ...parts,
  });
}
