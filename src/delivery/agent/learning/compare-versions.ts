import type { TemplateLessons } from "./template-lessons.ts";

/** One version of a template held against the one that was used before it. */
export interface Comparison {
  readonly name: string;
  readonly before: Measured;
  readonly after: Measured;
  /** `too-few` and `other-models` say nothing about the versions. */
  readonly verdict: "better" | "worse" | "no-difference-shown" | "too-few" | "other-models";
  /** Attempts that each side needs before a difference is believed. */
  readonly minJudged: number;
}

/** Attempts (planning: questions) that were judged, and how many were good at once. */
export interface Measured {
  readonly id: string;
  readonly judged: number;
  readonly good: number;
  /** Of all attempts; null without one. */
  readonly tokensPerAttempt: number | null;
}

const minJudged = 20;
/** Two sided, 5 %. */
const enough = 1.96;

/** Neighbouring versions of each template, in the order in which they came into use. */
export function compareVersions(all: readonly TemplateLessons[]): readonly Comparison[] {
  const names = [...new Set(all.map(({ name }) => name))];
  return names.flatMap((name) => {
    const used = all
      .filter((one) => one.name === name && one.firstTs !== "")
      .sort((a, b) => (a.firstTs < b.firstTs ? -1 : 1));
    return used.slice(1).flatMap((after, index) => {
      const before = used[index];
      return before === undefined ? [] : [comparison(before, after)];
    });
  });
}

function comparison(before: TemplateLessons, after: TemplateLessons): Comparison {
  const [one, other] = [measured(before), measured(after)];
  const base = { name: after.name, before: one, after: other, minJudged };
  if (before.models.join("\0") !== after.models.join("\0"))
    return { ...base, verdict: "other-models" };
  if (one.judged < minJudged || other.judged < minJudged) return { ...base, verdict: "too-few" };
  const z = distance(one, other);
  if (Math.abs(z) < enough) return { ...base, verdict: "no-difference-shown" };
  return { ...base, verdict: z > 0 ? "better" : "worse" };
}

function measured(lessons: TemplateLessons): Measured {
  const { id, attempts, ends, inputTokens, outputTokens } = lessons;
  return {
    id,
    judged: ends.good + ends.rejected + ends.failed,
    good: ends.good,
    tokensPerAttempt: attempts === 0 ? null : Math.round((inputTokens + outputTokens) / attempts),
  };
}

/** How many standard errors the second share lies above the first. */
function distance(one: Measured, other: Measured): number {
  const pooled = (one.good + other.good) / (one.judged + other.judged);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.judged + 1 / other.judged));
  return error === 0 ? 0 : (other.good / other.judged - one.good / one.judged) / error;
}
