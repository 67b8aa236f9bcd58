import { matchesFilter } from "../../state/project-search.ts";
import type { ProjectRecord, ProjectStore } from "../../state/projects.port.ts";
import type { Tx } from "../../state/tx.ts";

export interface MemoryProjectStoreOptions {
  /** Who runs transactions in memory calls `undo` when `tx` is rolled back. Without it changes stay. */
  readonly onRollback?: (tx: Tx, undo: () => void) => void;
}

/** The portfolio in memory, for tests of flows. */
export function createMemoryProjectStore(options: MemoryProjectStoreOptions = {}): ProjectStore {
  const projects = new Map<string, ProjectRecord>();
  const sorted = (): readonly ProjectRecord[] =>
    [...projects.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  return {
    async upsert(record, tx) {
      const before = projects.get(record.id);
      if (tx !== undefined)
        options.onRollback?.(tx, () => {
          if (before === undefined) projects.delete(record.id);
          else projects.set(record.id, before);
        });
      projects.set(record.id, {
        ...record,
        createdAtMs: before?.createdAtMs ?? record.createdAtMs,
      });
    },
    async get(id) {
      return projects.get(id);
    },
    async byDirectory(directory) {
      return sorted()
        .filter((project) => project.directory === directory)
        .sort((left, right) => rank(left) - rank(right) || right.updatedAtMs - left.updatedAtMs)[0];
    },
    async list(filter) {
      const { after } = filter;
      return sorted()
        .filter((project) => after === undefined || project.id > after)
        .filter((project) => matchesFilter(project, filter))
        .slice(0, filter.limit);
    },
    async summary() {
      return summaryOf([...projects.values()]);
    },
    async retire(id, atMs) {
      const project = projects.get(id);
      if (project?.status !== "open") return false;
      projects.set(id, { ...project, status: "retired", updatedAtMs: atMs });
      return true;
    },
  };
}

function rank(project: ProjectRecord): number {
  return project.status === "open" ? 0 : 1;
}

function summaryOf(
  projects: readonly ProjectRecord[],
): Awaited<ReturnType<ProjectStore["summary"]>> {
  const keys = [...new Set(projects.map(({ status, health }) => `${status}/${health}`))].sort();
  return keys.flatMap((key) => {
    const same = projects.filter(({ status, health }) => `${status}/${health}` === key);
    const [first] = same;
    return first === undefined
      ? []
      : [{ status: first.status, health: first.health, count: same.length }];
  });
}
