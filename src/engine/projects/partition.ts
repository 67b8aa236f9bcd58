const prefix = "project:";

/** The engine's partition of a project: one run at a time executes in a folder (absolute, resolved). */
export function partitionOf(directory: string): string {
  return `${prefix}${directory}`;
}

/** The folder of a partition that `partitionOf` named. */
export function directoryOf(partition: string): string {
  return partition.slice(prefix.length);
}
