import type { Backlog, Story } from "../../delivery/backlog/backlog.ts";
import { definitionOfDone } from "../../delivery/backlog/definition-of-done.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { SprintRecord, SprintReview } from "../autosd.ts";
import { readBacklog } from "../backlog/backlog-record.ts";
import { writeRecord } from "../projects/project-record.ts";
import { SprintError } from "./errors.ts";
import type { SprintStepServices } from "./plan-sprint.ts";
import { newestSprint, recordSprint, sprintPath } from "./sprint-record.ts";

/**
 * Judges the newest sprint from recorded evidence and writes `review.json`. A closed sprint is
 * judged again without being written. AUTOSD-SPRINT-NOT-STARTED for one that is only planned.
 */
export async function reviewSprint(
  services: SprintStepServices,
  directory: string,
): Promise<SprintReview> {
  const { files, clock } = services;
  const sprint = await newestSprint(files, directory);
  if (sprint.status === "planned") {
    throw new SprintError("AUTOSD-SPRINT-NOT-STARTED", `${sprint.id} is planned and not started.`, {
      remedy: `autosd sprint start --project ${directory}`,
    });
  }
  const review = judgeSprint(sprint, await readBacklog(files, directory));
  if (sprint.status === "closed") return review;
  await writeRecord(
    files,
    { directory, path: sprintPath(sprint.id, "review.json") },
    { schema: "autosd/sprint-review@1", ...review },
  );
  const atMs = clock.now();
  const endedAt = sprint.endedAt ?? isoTime(atMs);
  await recordSprint(
    files,
    directory,
    { ...sprint, status: "reviewed", endedAt },
    { event: "reviewed", atMs, points: review.donePoints },
  );
  return review;
}

/** Which stories of a sprint are done, from recorded evidence and nothing else. */
export function judgeSprint(sprint: SprintRecord, backlog: Backlog): SprintReview {
  const known = new Map(backlog.stories.map((story) => [story.id, story]));
  const stories = sprint.stories.map((id) => judgeStory(id, known.get(id)));
  return {
    sprint: sprint.id,
    stories,
    donePoints: stories
      .filter((story) => story.done)
      .reduce((sum, story) => sum + (known.get(story.id)?.points ?? 0), 0),
    definitionOfDone: stories.every((story) => story.done),
  };
}

function judgeStory(id: string, story: Story | undefined): SprintReview["stories"][number] {
  if (story === undefined)
    return { id, title: "", done: false, missing: ["It is no longer in the backlog."] };
  const done = definitionOfDone(story);
  if (done.kind === "done") return { id, title: story.title, done: true, missing: [] };
  // Why it never got that far is the better first sentence.
  const reason = story.statusReason === undefined ? [] : [story.statusReason];
  return { id, title: story.title, done: false, missing: [...reason, ...done.missing] };
}
