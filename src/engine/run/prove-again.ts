import type { Proposal } from "../../delivery/agent/implementer.port.ts";
import type { Story } from "../../delivery/backlog/backlog.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import { testsIn } from "../../delivery/verification/test-source.ts";
import { matchesGlob } from "../../delivery/verification/glob.ts";
import type { VerificationReport } from "../../delivery/verification/verification.port.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { isoTime } from "../../kernel/clock.ts";
import { writeBacklog } from "../backlog/backlog-record.ts";
import type { StepScope } from "../ports/run-engine.port.ts";
import { vouchFor } from "../projects/own-record.ts";
import { projectPaths } from "../projects/project-record.ts";
import type { BuildContext } from "./build-context.ts";
import { gateObserver } from "./observe-gates.ts";
import type { PlannedBacklog } from "./plan-backlog.ts";
import { snapshotAt } from "./snapshot-at.ts";

/** Whether a commit shows what its story claims, and what was run to find out. */
type Proof =
  | { readonly kind: "proven"; readonly report: VerificationReport; readonly startedAtMs: number }
  | { readonly kind: "refuted"; readonly reason: string };

/**
 * Holds every done story of a backlog that was not written here against its commit: its tests must
 * fail without that commit and pass with it, and every gate must be green. What is not proven is
 * ready again. Afterwards the backlog is this home's own.
 */
export async function proveAgain(
  build: BuildContext,
  planned: PlannedBacklog,
): Promise<PlannedBacklog> {
  const { ctx, services, request } = build;
  const { directory } = request;
  const open = new Set(planned.unproven);
  if (open.size === 0) return planned;
  notice(
    build,
    `${directory}/.autosd came from elsewhere: what it calls done (${planned.unproven.join(", ")}) is verified here before it counts`,
  );
  const stories: Story[] = [];
  for (const story of planned.backlog.stories)
    stories.push(open.has(story.id) ? await settled(build, story) : story);
  const done = new Set(stories.filter((one) => one.status === "done").map((one) => one.id));
  return ctx.step("record what was proven again", async () => {
    const backlog = { ...planned.backlog, updatedAt: isoTime(services.clock.now()), stories };
    await writeBacklog(services.files, directory, backlog);
    await vouchFor(services, directory, projectPaths.backlog);
    const carried = planned.carried.filter((id) => done.has(id));
    return { ...planned, backlog, carried, unproven: [] };
  });
}

async function settled(build: BuildContext, story: Story): Promise<Story> {
  const proof = await build.ctx.step(`prove ${story.id} again`, (scope) =>
    prove(build, story, scope),
  );
  if (proof.kind === "refuted") {
    notice(build, `${story.id} is not believed to be done: ${proof.reason}; it is built again`);
    return { ...story, status: "ready", attempts: [], commit: null, sprint: null };
  }
  const { report, startedAtMs } = proof;
  const attempt = {
    number: 1,
    startedAt: isoTime(startedAtMs),
    endedAt: isoTime(startedAtMs + report.durationMs),
    outcome: "verified" as const,
    evidence: [...report.evidence],
  };
  return { ...story, attempts: [attempt], sprint: null };
}

async function prove(build: BuildContext, story: Story, scope: StepScope): Promise<Proof> {
  const { services, request } = build;
  const { repositories, vcs } = services;
  const { directory } = request;
  const { commit } = story;
  const refuted = (reason: string): Proof => ({ kind: "refuted", reason });
  const claim = commit === null ? undefined : await repositories.claimOf(directory, commit);
  if (commit === null || claim === undefined) return refuted("its commit is not there");
  const shown = `commit ${commit.slice(0, 12)}`;
  const from = await vcs.headOf(directory);
  if (from === undefined || !(await repositories.contains(directory, { commit, from })))
    return refuted(`${shown} is not on the branch`);
  if (!claim.stories.includes(story.id)) return refuted(`${shown} was not made for it`);
  const startedAtMs = services.clock.now();
  const tree = await vcs.treeOf(directory, commit);
  const baseTree = await vcs.treeOf(directory, claim.parent ?? undefined);
  const proposal = await proposalOf(build, { tree, baseTree });
  if (proposal === undefined) return refuted(`nothing is known about checking ${shown}`);
  const report = await services.verifier.verify(
    {
      ...{ projectId: build.projectId, repository: directory, baseTree, tree },
      story: { id: story.id, criteria: story.criteria, proposal },
      mayInstall: request.install,
      onGate: gateObserver(services),
    },
    scope.signal,
  );
  const judged = VerifiedTree.judge(report);
  return judged.kind === "verified"
    ? { kind: "proven", report, startedAtMs }
    : refuted(`${shown} does not show it (${judged.reason})`);
}

/** What the commit did, in the place of what its implementer said of it: nobody wrote that down. */
async function proposalOf(
  { services, request }: BuildContext,
  trees: { readonly tree: string; readonly baseTree: string },
): Promise<Proposal | undefined> {
  const { directory } = request;
  const snapshot = await snapshotAt(services.vcs, directory, trees.tree);
  const profile = await detectToolchain(snapshot);
  if ("kind" in profile) return undefined;
  const changes = await services.vcs.changes(directory, trees.baseTree, trees.tree);
  const { testFiles, possibleTests = [] } = profile;
  const tests: (typeof changes)[number][] = [];
  for (const change of changes) {
    const holdsTests = async (): Promise<boolean> =>
      testsIn(change.path, (await snapshot.readText(change.path)) ?? "").length > 0;
    const isTest =
      matchesGlob(change.path, testFiles) ||
      (matchesGlob(change.path, possibleTests) && (await holdsTests()));
    if (isTest) tests.push(change);
  }
  const pathsOf = (...kinds: readonly string[]): readonly string[] =>
    tests.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path);
  return {
    summary: "",
    acceptanceTests: pathsOf("added", "modified"),
    // Whoever made the commit made what it was compared with as well: weakening shows nothing here.
    changedTests: pathsOf("modified", "deleted"),
  };
}

function notice({ services }: BuildContext, message: string): void {
  services.observe({ kind: "notice", message });
}
