import type { Story } from "../../delivery/backlog/backlog.ts";
import { VerifiedCommit, type VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { Authorization } from "../../governance/policy/authorization.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
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
  const { ctx, services, request } = build;
  // Not the engine's key, which holds the run id: equal inputs must give an equal commit.
  const key = sha256(canonicalJson({ story: story.id, tree: verified.tree, parent: parent ?? "" }));
  const committed = await ctx.effect(`commit ${story.id}`, {
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
        message: messageOf(story),
        trailers: [
          ["Story", story.id],
          ...(request.reproducible ? [] : [["Run", ctx.runId] as const]),
          ["Verification", verified.digest],
          ["Autosd-Key", key],
        ],
        timeMs: request.reproducible ? reproducibleTimeMs(story) : services.clock.now(),
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
      `commit ${committed.commit} of ${story.id} holds tree ${tree}; ${verified.tree} was verified`,
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

function reproducibleTimeMs(story: Story): number {
  return reproducibleEpochMs + Number(story.id.slice("ST-".length)) * minuteMs;
}
