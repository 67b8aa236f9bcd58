import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { Evidence, Story } from "../backlog/backlog.ts";
import type { RequirementsDocument } from "../requirements/document.ts";
import type { RefinedRequirements } from "../requirements/refined-requirements.ts";
import type { AdaptationTask, ImplementationTask } from "./implementer.port.ts";
import type { PlatformPlan } from "./planner.port.ts";

export type ExchangeKind = "implement" | "adapt" | "refine" | "choose-platform" | "design-document";

/**
 * What somebody was asked, as facts by name: short values as they are, everything else as digests.
 * Equal facts are the same prompt. Nothing that differs from run to run (times, durations, run ids,
 * paths) may be a fact.
 */
export const factsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
export type PromptFacts = z.infer<typeof factsSchema>;

/** `sha256:` of the canonical JSON of a value. Throws TypeError for what JSON cannot say. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** Equal kinds and facts give equal prompts. */
export function promptOf(kind: ExchangeKind, facts: PromptFacts): string {
  return digestOf({ kind, facts });
}

/** The output of a red gate names durations and folders; what is kept says the same every time. */
function lastingEvidence({ gate, verdict, exitCode, tree, finding }: Evidence) {
  return { gate, verdict, exitCode, tree, finding };
}

/** What is asked of a story; neither how far it is nor which run it belongs to. */
function lastingStory({ title, narrative, sentences, features, dependsOn }: Story) {
  return { title, narrative, sentences, features, dependsOn };
}

/** Facts of a story to implement. The base tree stands for everything that was built before. */
export function implementationFacts(task: ImplementationTask): PromptFacts {
  const { id, criteria } = task.story;
  return {
    story: id,
    attempt: task.attempt,
    platform: task.platform,
    baseTree: task.workspace.baseTree,
    document: task.document.digest,
    storyText: digestOf(lastingStory(task.story)),
    criteria: digestOf(criteria),
    failures: digestOf(task.failures.map(lastingEvidence)),
  };
}

/** Facts of a project to bring in line with its requirements. The base tree stands for what was built. */
export function adaptationFacts(task: AdaptationTask): PromptFacts {
  const done = task.doneStories.map((story) => {
    const { id, criteria } = story;
    return { id, criteria, ...lastingStory(story) };
  });
  return {
    platform: task.platform,
    baseTree: task.workspace.baseTree,
    document: task.document.digest,
    doneStories: digestOf(done),
  };
}

export function refinementFacts(document: RequirementsDocument): PromptFacts {
  return { document: document.digest };
}

export function platformFacts(
  document: RequirementsDocument,
  refined: RefinedRequirements,
  preferred: string | undefined,
): PromptFacts {
  return {
    document: document.digest,
    refined: digestOf(refined),
    preferred: preferred ?? null,
  };
}

export function designFacts(
  document: RequirementsDocument,
  refined: RefinedRequirements,
  plan: PlatformPlan,
): PromptFacts {
  return { document: document.digest, refined: digestOf(refined), plan: digestOf(plan) };
}

const factNames: Readonly<Record<string, string>> = {
  story: "the story",
  attempt: "the attempt",
  platform: "the platform",
  baseTree: "the files that were there before (base tree)",
  document: "the requirements text",
  storyText: "the story's text",
  doneStories: "the stories that are done",
  criteria: "the acceptance criteria",
  failures: "the failures of the attempt before",
  refined: "the refined requirements",
  preferred: "the preferred platform",
  plan: "the platform plan",
};

function subjectOf(kind: ExchangeKind, facts: PromptFacts): string {
  if (kind === "implement")
    return `story ${String(facts["story"])}, attempt ${String(facts["attempt"])}`;
  return {
    adapt: "what changed requirements do to the project",
    refine: "refine",
    "choose-platform": "the platform",
    "design-document": "the design",
  }[kind];
}

/**
 * A sentence for people: which answer is missing, and what differs from the recorded prompt of the
 * same kind that has the most facts in common.
 */
export function describeUnknownPrompt(
  kind: ExchangeKind,
  facts: PromptFacts,
  recorded: readonly PromptFacts[],
): string {
  const subject = subjectOf(kind, facts);
  const differences = recorded
    .map((one) => Object.keys(facts).filter((name) => one[name] !== facts[name]))
    .sort((a, b) => weightOf(a) - weightOf(b));
  const [nearest] = differences;
  if (nearest === undefined) return `Nothing of this kind was recorded: ${subject}.`;
  if (nearest.includes("story")) return `The session has no answer for ${subject}.`;
  const what = nearest.map((name) => factNames[name] ?? name).join(", ");
  return `The session has no answer for ${subject}: different from the recording: ${what}.`;
}

/** Another story is further away than any other difference. */
function weightOf(difference: readonly string[]): number {
  return difference.length + (difference.includes("story") ? 100 : 0);
}
