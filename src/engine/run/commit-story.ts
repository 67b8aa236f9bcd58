import type { Story } from "../../delivery/backlog/backlog.ts";
import { VerifiedCommit, type VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { Authorization } from "../../governance/policy/authorization.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { RequirementsChange } from "../autosd.ts";
import type { BuildContext } from "./build-context.ts";
import { FlowError } from "./errors.ts";

/** Start of the calendar that reproducible commits are dated by: 2026-01-01T00:00:00Z. */
const reproducibleEpochMs = 1_767_225_600_000;
const minuteMs = 60_000;

/**
 * One commit for one verified story, by autosd and nobody else. Happens once, whatever crashes: the
 * trailer `Autosd-Key` finds it again. Returns the full commit id.
 */
export async function commitVerifiedTree(
  build: BuildContext,
  story: Story,
  verified: VerifiedTree,
  parent: string | undefined,
): Promise<string> {
  const words = {
    name: story.id,
    message: messageOf(story),
    trailers: [["Story", story.id]] as const,
    reproducibleTimeMs: reproducibleTimeMs(story),
  };
  return commitOnce(build, words, verified, parent);
}

/** The same for what changed requirements ask for no more, or otherwise. */
export async function commitAdaptation(
  build: BuildContext,
  change: Pick<RequirementsChange, "removed" | "reopened">,
  verified: VerifiedTree,
  parent: string,
): Promise<string> {
  const words = {
    name: "adaptation",
    message: adaptationMessageOf(change),
    trailers: [],
    reproducibleTimeMs: reproducibleEpochMs,
  };
  return commitOnce(build, words, verified, parent);
}

interface CommitWords {
  readonly name: string;
  readonly message: string;
  readonly trailers: readonly (readonly [key: string, value: string])[];
  readonly reproducibleTimeMs: number;
}

async function commitOnce(
  build: BuildContext,
  words: CommitWords,
  verified: VerifiedTree,
  parent: string | undefined,
): Promise<string> {
  const { ctx, services, request } = build;
  const { name } = words;
  // Not the engine's key, which holds the run id: equal inputs must give an equal commit.
  const key = sha256(canonicalJson({ story: name, tree: verified.tree, parent: parent ?? "" }));
  const committed = await ctx.effect(`commit ${name}`, {
    authorize: async () =>
      Authorization.forLocalAction({
        kind: "workspace.commit",
        project: build.projectId,
        runId: ctx.runId,
        key,
      }),
    do: async (authorization) => ({
      commit: await services.vcs.commit(authorization, request.directory, {
        tree: verified.tree,
        parent,
        message: words.message,
        trailers: [
          ...words.trailers,
          ...(request.reproducible ? [] : [["Run", ctx.runId] as const]),
          ["Verification", verified.digest],
          ["Autosd-Key", key],
        ],
        timeMs: request.reproducible ? words.reproducibleTimeMs : services.clock.now(),
      }),
    }),
    probe: async () => {
      const commit = await services.vcs.findByKey(request.directory, key);
      if (commit === undefined) return undefined;
      await services.vcs.repairCheckout(request.directory);
      return { commit };
    },
  });
  const tree = await services.vcs.treeOf(request.directory, committed.commit);
  if (tree !== verified.tree)
    throw new FlowError(
      "AUTOSD-INTEGRITY-COMMIT",
      `commit ${committed.commit} of ${name} holds tree ${tree}; ${verified.tree} was verified`,
    );
  return VerifiedCommit.mint(verified, { commit: committed.commit, tree }).commit;
}

/** Conventional commit: the story's title, its sentence and what proves it. */
function messageOf(story: Story): string {
  const title = `${story.title.charAt(0).toLowerCase()}${story.title.slice(1)}`;
  const subject = `feat: ${title}`.slice(0, 72);
  const criteria = story.criteria
    .map((one) => `- ${one.id}: given ${one.given}, when ${one.when}, then ${one.then}`)
    .join("\n");
  return `${subject}\n\n${story.narrative}\n\n${criteria}`;
}

function adaptationMessageOf({
  removed,
  reopened,
}: Pick<RequirementsChange, "removed" | "reopened">): string {
  const subject = "refactor: bring what is built in line with changed requirements";
  const gone = removed.map(({ id, title }) => `- ${id} is asked for no more: ${title}`);
  const again = reopened.map((id) => `- ${id} is taken out and will be built again`);
  return [subject, [...gone, ...again].join("\n")].filter((part) => part !== "").join("\n\n");
}

function reproducibleTimeMs(story: Story): number {
  return reproducibleEpochMs + Number(story.id.slice("ST-".length)) * minuteMs;
}
