import type { Backlog, Story } from "../../delivery/backlog/backlog.ts";
import { backlogFromRefined } from "../../delivery/backlog/from-refined.ts";
import { reopenStory } from "../../delivery/backlog/story-life.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { isoTime } from "../../kernel/clock.ts";
import { isOwnRecord, vouchFor } from "../projects/own-record.ts";
import { projectPaths } from "../projects/project-record.ts";
import { findBacklog, writeBacklog } from "../backlog/backlog-record.ts";
import type { BuildContext } from "./build-context.ts";

export interface PlannedBacklog {
  readonly backlog: Backlog;
  /** Stories that were done in other words: done only if what is built still stands. */
  readonly carried: readonly string[];
  /** Stories of the backlog before that nothing asks for any more. */
  readonly removed: readonly { readonly id: string; readonly title: string }[];
  /** Stories that are done by the word of a backlog that was not written here. */
  readonly unproven: readonly string[];
}

/** The backlog of the requirements as they are now; work that is done stays done, failed work is tried again. */
export async function planBacklog(build: BuildContext): Promise<PlannedBacklog> {
  const { services, request, document, refined, projectId } = build;
  return build.ctx.step("plan the backlog", async () => {
    const updatedAt = isoTime(services.clock.now());
    const state = await services.vcs.inspect(request.directory);
    const head = state.kind === "repository" ? state.head : undefined;
    // Without its commits nothing of an old backlog is done.
    const isOwn = await isOwnRecord(services, request.directory, projectPaths.backlog);
    const found = head === undefined ? undefined : await backlogAt(build, head);
    const previous = found === undefined || isOwn ? found : claimsOf(found);
    const fresh = backlogFromRefined(refined, document, {
      project: projectId,
      updatedAt,
      previous,
    });
    const before = previous?.stories ?? [];
    const adapts = build.provider.implementer.adapt !== undefined;
    const settled = fresh.stories.map((story) =>
      story.status === "failed" ? reopenStory(story) : story,
    );
    const stories = adapts ? settled.map((story) => carryOver(story, before)) : settled;
    const backlog = { ...fresh, stories };
    await writeBacklog(services.files, request.directory, backlog);
    const unproven = previous === undefined || isOwn ? [] : doneIn(stories);
    if (unproven.length === 0) await vouchFor(services, request.directory, projectPaths.backlog);
    const ids = new Set(stories.map(({ id }) => id));
    return {
      backlog,
      carried: stories.filter((story, index) => story !== settled[index]).map(({ id }) => id),
      removed: before.filter(({ id }) => !ids.has(id)).map(({ id, title }) => ({ id, title })),
      unproven,
    };
  });
}

/** Of somebody's repository there can be several branches: done is what this one holds. */
async function backlogAt(build: BuildContext, head: string): Promise<Backlog | undefined> {
  const { services, request } = build;
  const backlog = await findBacklog(services.files, request.directory);
  if (backlog === undefined || build.existing === undefined) return backlog;
  const stories: Story[] = [];
  for (const story of backlog.stories) {
    const { commit } = story;
    const isHere =
      (commit === null && story.status !== "done") ||
      (commit !== null &&
        (await services.repositories.contains(request.directory, { commit, from: head })));
    stories.push(
      isHere ? story : { ...story, status: "ready", attempts: [], commit: null, sprint: null },
    );
  }
  return { ...backlog, stories };
}

/** Of a backlog that came with the folder: what it says is done, to be proven; nothing else counts. */
function claimsOf(found: Backlog): Backlog {
  const stories = found.stories.map((story): Story => {
    if (story.status === "done") return story;
    const unbuilt = { attempts: [], commit: null, sprint: null };
    return { ...story, status: "ready", statusReason: undefined, ...unbuilt };
  });
  return { ...found, stories };
}

function doneIn(stories: readonly Story[]): readonly string[] {
  return stories.filter(({ status }) => status === "done").map(({ id }) => id);
}

/** A story that stands for the same as a done one, in other words: whether it still stands is the implementer's to say. */
function carryOver(story: Story, before: readonly Story[]): Story {
  if (story.status !== "ready" || story.features.length === 0) return story;
  const handles = canonicalJson(story.features);
  const old = before.find(
    (one) =>
      one.id === story.id && one.status === "done" && canonicalJson(one.features) === handles,
  );
  if (old === undefined) return story;
  const { attempts, commit, sprint } = old;
  return { ...story, status: "done", attempts, commit, sprint };
}
