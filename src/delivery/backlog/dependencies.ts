import { BacklogError } from "./errors.ts";

/** What ordering needs to know of a story. */
export interface Dependent {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** Dependencies that name no story of the list: `[story, missing dependency]`. */
export function unknownDependencies(
  stories: readonly Dependent[],
): readonly (readonly [story: string, dependency: string])[] {
  const known = new Set(stories.map((story) => story.id));
  return stories.flatMap((story) =>
    story.dependsOn.filter((id) => !known.has(id)).map((id) => [story.id, id] as const),
  );
}

/**
 * One circle of dependencies, each waiting for the next, the last for the first; undefined when
 * there is none. Dependencies on unknown stories are ignored here.
 */
export function dependencyCycle(stories: readonly Dependent[]): readonly string[] | undefined {
  const waiting = new Map(stories.map((story) => [story.id, story]));
  // Stories whose dependencies are settled leave; what cannot leave contains a circle.
  for (let settled = true; settled;) {
    settled = false;
    for (const story of [...waiting.values()]) {
      if (story.dependsOn.some((id) => waiting.has(id))) continue;
      waiting.delete(story.id);
      settled = true;
    }
  }
  const path: string[] = [];
  let current = waiting.values().next().value;
  // Every story left waits for another one left, so the walk must come back to where it was.
  while (current !== undefined && path.length <= waiting.size) {
    const seen = path.indexOf(current.id);
    if (seen >= 0) return path.slice(seen);
    path.push(current.id);
    const next: string | undefined = current.dependsOn.find((id) => waiting.has(id));
    current = next === undefined ? undefined : waiting.get(next);
  }
  return undefined;
}

/** Throws AUTOSD-BACKLOG-UNORDERED unless every story can come after all it depends on. */
export function assertOrderable(stories: readonly Dependent[]): void {
  const unknown = unknownDependencies(stories);
  if (unknown.length > 0) {
    const list = unknown.map(([story, dependency]) => `${story} needs ${dependency}`).join(", ");
    throw new BacklogError("AUTOSD-BACKLOG-UNORDERED", `Stories that do not exist: ${list}.`, {
      details: { unknown: unknown.map(([story, dependency]) => ({ story, dependency })) },
    });
  }
  const cycle = dependencyCycle(stories);
  if (cycle !== undefined) {
    throw new BacklogError(
      "AUTOSD-BACKLOG-UNORDERED",
      `Stories wait for each other: ${[...cycle, cycle[0] ?? ""].join(" -> ")}.`,
      { details: { cycle } },
    );
  }
}
