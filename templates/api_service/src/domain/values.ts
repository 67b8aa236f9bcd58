/** Labels without surrounding blanks and without repetition, in the order in which they came. */
export function distinctLabels(labels: readonly string[]): readonly string[] {
  return [...new Set(labels.map((label) => label.trim()))];
}

/** As `distinctLabels`, in lower case. */
export function lowerCaseLabels(labels: readonly string[]): readonly string[] {
  return distinctLabels(labels.map((label) => label.toLowerCase()));
}

/** The same moment in UTC with milliseconds: stored moments compare as text. */
export function utcTime(time: string): string {
  return new Date(time).toISOString();
}

export function optionalTime(time: string | null | undefined): string | null {
  return time === null || time === undefined ? null : utcTime(time);
}

/** `YYYY-MM-DD` in UTC. */
export function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
