import type { Rule, SaidRule } from "./drafts.ts";
import { indefinite } from "./names.ts";

/** Something that two sentences say differently, and which of them is followed. */
export interface Contradiction {
  readonly text: string;
  readonly sentences: readonly string[];
}

/** Bounds said about a field, the stricter of several. */
export interface Bounds {
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

/** Whether a rule is this flag. */
export function isFlag(rule: Rule, flag: string): boolean {
  return rule.kind === "flag" && rule.flag === flag;
}

/** For whole numbers: rounded inwards. */
export function whole(bounds: Bounds): Bounds {
  return {
    minimum: bounds.minimum === undefined ? undefined : Math.ceil(bounds.minimum),
    maximum: bounds.maximum === undefined ? undefined : Math.floor(bounds.maximum),
  };
}

/** `step`: the smallest difference, for `positive` and `more than`. */
export function numberBounds(rules: readonly Rule[], said: Bounds, step: number): Bounds {
  const floor = rules.some((rule) => isFlag(rule, "positive"))
    ? step
    : rules.some((rule) => isFlag(rule, "not-negative"))
      ? 0
      : undefined;
  const minimum =
    said.minimum === undefined ? floor : Math.max(said.minimum, floor ?? said.minimum);
  const exclusive = rules.filter(
    (rule) => rule.kind === "bound" && rule.exclusive === true && rule.of === "value",
  );
  const above = exclusive.some(
    (rule) => rule.kind === "bound" && rule.minimum === minimum && minimum !== undefined,
  );
  const below = exclusive.some(
    (rule) => rule.kind === "bound" && rule.maximum === said.maximum && said.maximum !== undefined,
  );
  return {
    minimum: minimum === undefined ? undefined : above ? minimum + step : minimum,
    maximum: said.maximum === undefined ? undefined : below ? said.maximum - step : said.maximum,
  };
}

/** The stricter of all bounds of one kind; what contradicts itself is added to `contradictions`. */
export function boundsOf(
  of: "characters" | "items" | "value",
  said: readonly SaidRule[],
  label: string,
  owner: string,
  contradictions: Contradiction[],
): Bounds {
  const relevant = said.flatMap(({ rule, sentence }) =>
    rule.kind === "bound" && rule.of === of ? [{ rule, sentence }] : [],
  );
  const minimums = relevant.flatMap(({ rule }) =>
    rule.minimum === undefined ? [] : [rule.minimum],
  );
  const maximums = relevant.flatMap(({ rule }) =>
    rule.maximum === undefined ? [] : [rule.maximum],
  );
  const minimum = minimums.length === 0 ? undefined : Math.max(...minimums);
  const maximum = maximums.length === 0 ? undefined : Math.min(...maximums);
  const sentences = [...new Set(relevant.map((one) => one.sentence))];
  const note = (text: string): void => {
    if (!contradictions.some((one) => one.text === text)) contradictions.push({ text, sentences });
  };
  if (new Set(maximums).size > 1)
    note(
      `The ${label} of ${indefinite(owner)} has several upper limits (${maximums.join(", ")}); the stricter one, ${maximum ?? ""}, is followed.`,
    );
  if (new Set(minimums).size > 1)
    note(
      `The ${label} of ${indefinite(owner)} has several lower limits (${minimums.join(", ")}); the stricter one, ${minimum ?? ""}, is followed.`,
    );
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    note(
      `The ${label} of ${indefinite(owner)} should be at least ${minimum} and at most ${maximum}; only the upper limit is followed.`,
    );
    return { minimum: undefined, maximum };
  }
  return { minimum, maximum };
}
