import type { Evidence } from "../../delivery/backlog/backlog.ts";
import type { ExistingWork } from "../../delivery/verification/verification.port.ts";
import type { StepScope } from "../ports/run-engine.port.ts";
import { FlowError } from "./errors.ts";
import type { ExistingProject } from "./existing-project.ts";
import { gateObserver } from "./observe-gates.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** What the gates say of a project before it is changed. */
export interface BaseVerdict {
  readonly tree: string;
  readonly red: readonly Evidence[];
}

/** Autosd's own wishes; a project that never met them is not held to them. */
const ownWishes: readonly string[] = ["sbom", "docs"];

/** Runs the project's own checks on what is there. */
export async function judgeBase(
  services: RunServices,
  request: RunRequest,
  project: ExistingProject,
  scope: StepScope,
): Promise<BaseVerdict> {
  const { tree } = project;
  const report = await services.verifier.verify(
    {
      projectId: project.projectId,
      repository: request.directory,
      baseTree: tree,
      tree,
      story: undefined,
      mayInstall: request.install,
      onGate: gateObserver(services),
      existing: { tree, absentGates: [] },
    },
    scope.signal,
  );
  return { tree, red: report.evidence.filter((one) => one.verdict !== "green") };
}

/** What stories are judged by; AUTOSD-BASE-RED when the project itself is red. Says what it does without. */
export function settleBase(
  services: Pick<RunServices, "observe">,
  request: RunRequest,
  project: ExistingProject,
  verdict: BaseVerdict,
): ExistingWork {
  const isMissing = (one: Evidence): boolean =>
    ownWishes.includes(one.gate) || (one.gate === "tests" && !project.hasTests);
  const red = verdict.red.filter((one) => !isMissing(one));
  if (red.length > 0) throw baseRed(request.directory, project, red);
  const missing = verdict.red.filter(isMissing);
  const without = [...project.missingChecks, ...(project.hasTests ? [] : ["tests"])];
  if (without.length > 0)
    notice(
      services,
      `the project has no ${without.join(", ")} of its own; stories bring their tests`,
    );
  for (const one of missing.filter(({ gate }) => ownWishes.includes(gate)))
    notice(
      services,
      `${one.gate} is not asked for, since the project was not in order before: ${one.finding}`,
    );
  const absentGates = missing.map(({ gate }) => gate).filter((gate) => ownWishes.includes(gate));
  return { tree: verdict.tree, absentGates };
}

function notice(services: Pick<RunServices, "observe">, message: string): void {
  services.observe({ kind: "notice", message });
}

function baseRed(directory: string, project: ExistingProject, red: readonly Evidence[]): FlowError {
  const { branch, comparedWith, tree } = project;
  const isOwn = branch.from === branch.start;
  const place = isOwn ? `branch ${branch.name}` : comparedWith;
  const findings = red.map((one) => `${one.gate}: ${one.finding}`).join("; ");
  const logs = `${directory}/.autosd/evidence/${tree}/`;
  return new FlowError(
    "AUTOSD-BASE-RED",
    `${directory} is red at ${place} (${branch.start.slice(0, 12)}) before anything was changed. ${findings}. Whole output: ${logs}`,
    {
      details: {
        commit: branch.start,
        gates: red.map(({ gate, command, exitCode, finding }) => ({
          ...{ gate, command: [...command], exitCode, finding },
        })),
      },
    },
  );
}
