import type { Attempt, Evidence, Story } from "./backlog.ts";

/** Gates without green evidence of which no story is done, whatever else is green. */
export const indispensableGates = [
  "install",
  "tests",
  "secrets",
  "acceptance",
  "test-integrity",
] as const;

export type DefinitionOfDone =
  | { readonly kind: "done"; readonly commit: string; readonly tree: string }
  /** One sentence for each thing that is missing. */
  | { readonly kind: "open"; readonly missing: readonly [string, ...string[]] };

/**
 * Whether a story is done, computed from what was recorded and from nothing else: a commit, and a
 * last attempt that was verified with every gate green on one tree. The status field is not
 * believed.
 */
export function definitionOfDone(story: Pick<Story, "commit" | "attempts">): DefinitionOfDone {
  const last = story.attempts.at(-1);
  if (last === undefined) return { kind: "open", missing: ["It was not attempted."] };
  const missing = [...missingOf(last), ...(story.commit === null ? ["It has no commit."] : [])];
  const [first, ...rest] = missing;
  if (first !== undefined) return { kind: "open", missing: [first, ...rest] };
  const tree = last.evidence[0]?.tree;
  if (story.commit === null || tree === undefined)
    return { kind: "open", missing: ["No evidence was recorded."] };
  return { kind: "done", commit: story.commit, tree };
}

function missingOf(attempt: Attempt): readonly string[] {
  return [...outcomeGap(attempt), ...evidenceGaps(attempt.evidence)];
}

function outcomeGap(attempt: Attempt): readonly string[] {
  const reason = attempt.reason === undefined ? "" : ` ${attempt.reason}`;
  switch (attempt.outcome) {
    case "verified":
      return [];
    case "running":
      return [`Attempt ${attempt.number} has not ended.`];
    case "rejected":
      return [`Attempt ${attempt.number} was rejected.${reason}`];
    case "unimplemented":
      return [`It cannot be built yet.${reason}`];
    case "interrupted":
      return [`Attempt ${attempt.number} was interrupted.${reason}`];
  }
}

function evidenceGaps(evidence: readonly Evidence[]): readonly string[] {
  const recorded = new Set(evidence.map((one) => one.gate));
  const absent = indispensableGates
    .filter((gate) => !recorded.has(gate))
    .map((gate) => `Gate ${gate} was not run.`);
  const open = evidence
    .filter((one) => one.verdict !== "green")
    .map((one) => `Gate ${one.gate} is ${one.verdict}: ${one.finding}`);
  const trees = new Set(evidence.map((one) => one.tree));
  return [...absent, ...open, ...(trees.size > 1 ? ["Its gates ran on different trees."] : [])];
}
