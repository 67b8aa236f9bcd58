import type { ProjectFilter, ProjectRecord } from "./projects.port.ts";

/** What `ProjectFilter.text` is looked for in: the same letters whatever their case or composition. */
export function searchText(project: Pick<ProjectRecord, "id" | "title">): string {
  return folded(`${project.id}\n${project.title}`);
}

/** The form in which text is compared. */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Whether a project is one that the filter asks for, apart from paging. */
export function matchesFilter(project: ProjectRecord, filter: ProjectFilter): boolean {
  return (
    (filter.status === undefined || project.status === filter.status) &&
    (filter.health === undefined || project.health === filter.health) &&
    (filter.platform === undefined || project.platform === filter.platform) &&
    (filter.text === undefined || searchText(project).includes(folded(filter.text)))
  );
}
