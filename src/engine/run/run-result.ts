import type { Backlog, Story } from "../../delivery/backlog/backlog.ts";
import { blockersOf } from "../../delivery/backlog/next-stories.ts";
import { unprovenQualities } from "../../delivery/requirements/quality-proof.ts";
import type { RequirementsChange, RunResult } from "../autosd.ts";
import { repeatCommand, shellWord } from "./repeat-command.ts";
import type { BuildContext } from "./build-context.ts";
import { deniedOnTheWay, denialOf, isOnlyDenied } from "./denied-stories.ts";
import type { ProjectVerdict } from "./finish-project.ts";
import { parallelReport, type StoryAhead } from "./parallel/ahead-report.ts";
import { addSpent, type SpentMs, spentOn } from "./spent-time.ts";

export interface RunEnd {
  readonly backlog: Backlog;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Absent when the run stopped after planning; null when nothing was ever committed. */
  readonly verdict?: ProjectVerdict | null;
  readonly spentMs?: SpentMs;
  readonly change?: RequirementsChange | undefined;
  /** Absent: nothing was built. */
  readonly ahead?: readonly StoryAhead[];
}

/** What the run comes to. Exit code 0 only when every story is done and the whole project is green. */
export function runResult(build: BuildContext, end: RunEnd): RunResult {
  const { backlog, verdict } = end;
  const planned = verdict === undefined;
  const complete = isComplete(end);
  const total = Math.max(0, Math.round(end.endedAtMs - end.startedAtMs));
  const spent = addSpent(
    end.spentMs ?? { install: 0, gates: 0, autosd: 0 },
    verdict === undefined || verdict === null
      ? { install: 0, gates: 0, autosd: 0 }
      : spentOn(0, verdict.report),
  );
  return {
    schema: "autosd/run-result@1",
    runId: build.ctx.runId,
    projectId: build.projectId,
    title: build.refined.title,
    directory: build.request.directory,
    platform: build.platform,
    provider: build.provider.name,
    outcome: planned ? "planned" : complete ? "verified" : "incomplete",
    exitCode: complete || planned ? 0 : exitCodeOf(end),
    stories: backlog.stories.map((story) => ({
      id: story.id,
      title: story.title,
      status: story.status,
      commit: story.commit ?? undefined,
      reason: reasonOf(backlog, story),
      ...deniedOf(story),
      sentences: story.sentences,
    })),
    ...(end.change === undefined ? {} : { change: end.change }),
    ...notProvenOf(build),
    ...parallelOf(build, end.ahead ?? []),
    projectGates: verdict?.report.evidence ?? [],
    head: verdict?.head,
    ...branchOf(build, verdict?.head),
    testsRun: verdict?.report.testsRun ?? 0,
    // What is checked out is not what was built on another branch.
    howToStart:
      verdict === undefined || verdict === null || build.existing !== undefined
        ? []
        : build.startCommands,
    durationsMs: {
      total,
      install: Math.round(spent.install),
      gates: Math.round(spent.gates),
      autosd: Math.max(0, Math.round(total - spent.install - spent.gates)),
    },
    resume: complete ? undefined : repeatCommand(build.request, build.provider.name),
  };
}

/** Where the work is and how a person looks at it and takes it. */
function branchOf(
  { existing, request }: BuildContext,
  head: string | undefined,
): Pick<RunResult, "branch"> {
  if (existing === undefined) return {};
  const { branch, comparedWith } = existing;
  const hasCommits = head !== undefined && head !== branch.start;
  const isThere = hasCommits || branch.from === branch.start;
  const git = `git -C ${shellWord(request.directory)}`;
  const { name } = branch;
  const commands = {
    look: `${git} diff ${comparedWith}...${name}`,
    take: `${git} merge ${name}`,
  };
  return {
    branch: {
      ...{ name, start: branch.start, comparedWith },
      commands: isThere && comparedWith !== name ? commands : null,
    },
  };
}

function notProvenOf({ refined }: BuildContext): Pick<RunResult, "notProven"> {
  const notProven = unprovenQualities(refined);
  return notProven.length === 0 ? {} : { notProven };
}

function parallelOf(
  { request }: BuildContext,
  ahead: readonly StoryAhead[],
): Pick<RunResult, "parallelPrompts"> {
  const report = parallelReport(request.parallel?.workers ?? 1, ahead);
  return report === undefined ? {} : { parallelPrompts: report };
}

function isComplete({ backlog, verdict, change }: RunEnd): boolean {
  return (
    verdict !== undefined &&
    verdict !== null &&
    verdict.rejection === undefined &&
    change?.problem === undefined &&
    backlog.stories.every((story) => story.status === "done")
  );
}

/** Whatever is red is a failure, whatever was denied besides. */
function exitCodeOf({ backlog, verdict, change }: RunEnd): 3 | 4 {
  const isRed = verdict?.rejection !== undefined || change?.problem !== undefined;
  return !isRed && isOnlyDenied(backlog) ? 3 : 4;
}

function deniedOf(story: Story): Pick<RunResult["stories"][number], "denial" | "denials"> {
  const denial = denialOf(story);
  const denials = deniedOnTheWay(story);
  return {
    ...(denial === undefined ? {} : { denial }),
    ...(denials.length === 0 ? {} : { denials }),
  };
}

function reasonOf(backlog: Backlog, story: Story): string | undefined {
  if (story.status === "done") return undefined;
  if (story.statusReason !== undefined) return story.statusReason;
  const blockers = blockersOf(backlog, story);
  if (blockers.length > 0)
    return `it needs ${blockers.map((one) => `${one.id} (${one.status})`).join(", ")}`;
  return "its turn has not come";
}
