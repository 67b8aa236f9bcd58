import type { Story } from "../../delivery/backlog/backlog.ts";
import { backlogFromRefined } from "../../delivery/backlog/from-refined.ts";
import { keepStoryIds } from "../../delivery/backlog/keep-story-ids.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import {
  type RefinedRequirements,
  refinedRequirementsSchema,
} from "../../delivery/requirements/refined-requirements.ts";
import { type Clock, isoTime } from "../../kernel/clock.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { ProjectStore } from "../../state/projects.port.ts";
import type { Autosd } from "../autosd.ts";
import { ProjectError } from "../projects/errors.ts";
import { isOwnRecord, type KnownRecords } from "../projects/own-record.ts";
import { notAProject, projectPaths, readRecord, shownPath } from "../projects/project-record.ts";
import { writeRefined } from "../run/plan-files.ts";
import { findBacklog, readBacklog, writeBacklog } from "./backlog-record.ts";

/**
 * Keeps everybody else from changing a project's records while `work` runs. They are told that
 * `command` does it.
 */
export type Exclusively = <T>(
  directory: string,
  work: () => Promise<T>,
  command: string,
) => Promise<T>;

export interface BacklogServices {
  readonly files: ProjectFiles;
  readonly own: KnownRecords["own"];
  readonly projects: Pick<ProjectStore, "byDirectory">;
  readonly clock: Clock;
  readonly exclusively: Exclusively;
  /** `readDocument` of delivery/requirements. */
  readonly readDocument: (source: string, text: string) => RequirementsDocument;
}

/** What commands ask about a project's backlog. */
export function createBacklogCalls(services: BacklogServices): Autosd["backlog"] {
  return {
    show: async (directory) => ({
      ...(await readBacklog(services.files, directory)),
      provenHere: await isOwnRecord(services, directory, projectPaths.backlog),
    }),
    refine: (directory) =>
      services.exclusively(
        directory,
        () => refineBacklog(services, directory),
        "autosd backlog refine",
      ),
  };
}

async function refineBacklog(
  services: BacklogServices,
  directory: string,
): Promise<Awaited<ReturnType<Autosd["backlog"]["refine"]>>> {
  const { files, clock } = services;
  const { refined: recorded, document } = await readRefined(services, directory);
  const previous = await findBacklog(files, directory);
  const project =
    previous?.project ?? (await services.projects.byDirectory(directory))?.id ?? undefined;
  if (project === undefined) throw notAProject(directory);
  const refined = keepStoryIds(recorded, previous);
  // Both records name stories by the same ids, so the requirements change first.
  if (!sameIds(refined, recorded)) await writeRefined(files, directory, document, refined);
  const backlog = backlogFromRefined(refined, document, {
    project,
    previous,
    updatedAt: isoTime(clock.now()),
  });
  await writeBacklog(files, directory, backlog);
  const before = previous?.stories ?? [];
  return {
    backlog,
    added: without(backlog.stories, before),
    removed: without(before, backlog.stories),
  };
}

/** The recorded refined requirements and the document they come from, which must be the same still. */
async function readRefined(
  services: BacklogServices,
  directory: string,
): Promise<{ refined: RefinedRequirements; document: RequirementsDocument }> {
  const { files } = services;
  const [refined, text] = await Promise.all([
    readRecord(files, { directory, path: projectPaths.refined }, refinedRequirementsSchema),
    files.read(directory, projectPaths.requirements),
  ]);
  if (refined === undefined || text === undefined) throw notAProject(directory);
  const document = services.readDocument(refined.source.name, text);
  if (document.digest !== refined.source.digest) {
    const file = shownPath(directory, projectPaths.requirements);
    throw new ProjectError("AUTOSD-REFINED-STALE", `${file} was changed after it was refined.`, {
      remedy: `autosd refine --requirements-file ${file} --output-dir ${directory}`,
      details: { file, refined: refined.source.digest, now: document.digest },
    });
  }
  return { refined, document };
}

function without(stories: readonly Story[], others: readonly Story[]): readonly Story[] {
  const known = new Set(others.map((story) => story.id));
  return stories.filter((story) => !known.has(story.id));
}

function sameIds(one: RefinedRequirements, other: RefinedRequirements): boolean {
  return one.stories.every((story, index) => story.id === other.stories[index]?.id);
}
