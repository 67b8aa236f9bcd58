/** The engine's partition of a project: one run at a time executes in a folder (absolute, resolved). */
export function partitionOf(directory: string): string {
  return `project:${directory}`;
}
