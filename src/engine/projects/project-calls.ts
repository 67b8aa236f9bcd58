import type { Clock } from "../../kernel/clock.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { ProjectRecord, ProjectStore } from "../../state/projects.port.ts";
import type { Autosd } from "../autosd.ts";
import { findBacklog } from "../backlog/backlog-record.ts";
import type { EngineClient } from "../ports/run-engine.port.ts";
import { ProjectError } from "./errors.ts";
import { isOwnRecord, type KnownRecords } from "./own-record.ts";
import {
  listByPresentHealth,
  summaryByPresentHealth,
  withPresentHealth,
} from "./present-health.ts";
import { projectPaths } from "./project-record.ts";

export interface ProjectServices {
  readonly projects: ProjectStore;
  readonly files: ProjectFiles;
  readonly own: KnownRecords["own"];
  readonly runs: Pick<EngineClient, "get">;
  /** In the audit log; throws when it cannot be recorded. */
  readonly recordRetirement: (project: string) => Promise<void>;
  readonly clock: Clock;
}

/** What commands ask about the portfolio. An unknown id is AUTOSD-PROJECT-UNKNOWN. */
export function createProjectCalls(services: ProjectServices): Autosd["projects"] {
  const { projects, files, runs, clock } = services;
  const show = async (id: string): Promise<ProjectRecord> => {
    const project = await projects.get(id);
    if (project === undefined) {
      throw new ProjectError("AUTOSD-PROJECT-UNKNOWN", `No project ${id} is known.`, {
        details: { project: id },
      });
    }
    return withPresentHealth(services, project);
  };
  return {
    list: (filter) => listByPresentHealth(services, filter),
    show,
    summary: () => summaryByPresentHealth(services),
    status: async (id) => {
      const project = await show(id);
      const [found, provenHere, lastRun] = await Promise.all([
        findBacklog(files, project.directory),
        isOwnRecord(services, project.directory, projectPaths.backlog),
        project.lastRunId === undefined ? undefined : runs.get(project.lastRunId),
      ]);
      const backlog = found === undefined ? undefined : { ...found, provenHere };
      return { project, backlog, lastRun };
    },
    // A second retirement changes nothing and is no error: it may be the repeat of a cut-off one.
    retire: async (id) => {
      const before = await show(id);
      // Recorded first: a retirement that nobody can account for does not happen.
      if (before.status === "open") await services.recordRetirement(id);
      await projects.retire(id, clock.now());
      return show(id);
    },
  };
}
