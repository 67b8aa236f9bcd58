import type { Backlog } from "../../delivery/backlog/backlog.ts";
import type { VerificationReport } from "../../delivery/verification/verification.port.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { isoTime } from "../../kernel/clock.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { ProjectRecord } from "../../state/projects.port.ts";
import type { StepScope } from "../ports/run-engine.port.ts";
import type { BuildContext } from "./build-context.ts";
import { gateObserver } from "./observe-gates.ts";
import type { RunRequest } from "./run-request.ts";

/** The whole project on its final tree. */
export interface ProjectVerdict {
  readonly head: string;
  readonly report: VerificationReport;
  /** Undefined: every gate is green. */
  readonly rejection: string | undefined;
}

/** Runs the project's gates on what the branch holds; null when nothing was ever committed. */
export async function judgeProject(
  build: BuildContext,
  scope: StepScope,
): Promise<ProjectVerdict | null> {
  const { services, request } = build;
  const head = await services.vcs.headOf(request.directory);
  if (head === undefined) return null;
  const tree = await services.vcs.treeOf(request.directory, head);
  const report = await services.verifier.verify(
    {
      projectId: build.projectId,
      repository: request.directory,
      baseTree: tree,
      tree,
      story: undefined,
      mayInstall: request.install,
      onGate: gateObserver(services),
    },
    scope.signal,
  );
  const judged = VerifiedTree.judge(report);
  return {
    head,
    report,
    rejection: judged.kind === "rejected" ? judged.reason : undefined,
  };
}

/** Who planned and who built, by the providers' names for them. */
function modelsOf({ model, plannerModel }: NonNullable<RunRequest["models"]>): {
  readonly planner: string | null;
  readonly implementer: string | null;
} {
  return { planner: plannerModel ?? model, implementer: model };
}

/**
 * `.autosd/provenance/`: what was built from what, by which version, proven by which evidence.
 * `build_manifest.json` names every commit; `sbom.cdx.json` every dependency.
 */
export async function writeProvenance(
  build: BuildContext,
  backlog: Backlog,
  verdict: ProjectVerdict,
): Promise<void> {
  const { services, request } = build;
  const { directory } = request;
  const decoder = new TextDecoder();
  const lockfile = await services.vcs.readFile(directory, verdict.report.tree, "package-lock.json");
  const sbom =
    lockfile === undefined
      ? undefined
      : services.sbomOf(decoder.decode(lockfile), { name: build.projectId, version: "0.1.0" });
  if (sbom !== undefined) await services.files.write(directory, "provenance/sbom.cdx.json", sbom);
  const manifest = {
    schema: "autosd/build-manifest@1",
    project: build.projectId,
    ...(request.reproducible
      ? {}
      : { run: build.ctx.runId, builtAt: isoTime(services.clock.now()) }),
    builder: {
      name: "autosd",
      version: services.autosdVersion,
      provider: build.provider.name,
      ...(request.models === null ? {} : { models: modelsOf(request.models) }),
    },
    platform: build.platform,
    source: {
      requirements: build.document.digest,
      head: verdict.head,
      tree: verdict.report.tree,
    },
    sbom: sbom === undefined ? null : { path: "sbom.cdx.json", digest: sha256(sbom) },
    stories: backlog.stories.map((story) => ({
      id: story.id,
      title: story.title,
      status: story.status,
      commit: story.commit,
      tree: story.attempts.at(-1)?.evidence.at(0)?.tree ?? null,
      sentences: story.sentences.map((sentence) => sentence.id),
    })),
    gates: verdict.report.evidence.map((one) => ({
      gate: one.gate,
      verdict: one.verdict,
      command: one.command,
      exitCode: one.exitCode,
      finding: one.finding,
      ...(request.reproducible ? {} : { outputDigest: one.outputDigest }),
    })),
    testsRun: verdict.report.testsRun,
  };
  await services.files.write(
    directory,
    "provenance/build_manifest.json",
    `${JSON.stringify(manifest, undefined, 2)}\n`,
  );
}

/** The portfolio's record of the project as the backlog stands. */
export function portfolioRecord(
  build: Pick<BuildContext, "request" | "projectId" | "platform" | "refined" | "ctx">,
  backlog: Backlog,
  health: ProjectRecord["health"],
  nowMs: number,
): ProjectRecord {
  return {
    id: build.projectId,
    title: build.refined.title,
    directory: build.request.directory,
    platform: build.platform,
    status: "open",
    health,
    storiesDone: backlog.stories.filter((story) => story.status === "done").length,
    storiesTotal: backlog.stories.length,
    lastRunId: build.ctx.runId,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
