import type { Planner } from "../../delivery/agent/planner.port.ts";
import { refinedRequirementsSchema } from "../../delivery/requirements/refined-requirements.ts";
import type { ExistingWork } from "../../delivery/verification/verification.port.ts";
import { haltable } from "../halt/refuse-halted.ts";
import type { Ctx } from "../ports/run-engine.port.ts";
import { isOwnRecord } from "../projects/own-record.ts";
import { projectPaths, readRecord } from "../projects/project-record.ts";
import { FlowError } from "./errors.ts";
import { type ExistingProject, openExistingProject } from "./existing-project.ts";
import { refuseUnkeepable } from "./refuse-unkeepable.ts";
import { judgeBase, settleBase } from "./judge-base.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** The services of a run, and the project that it found. */
export interface Entered {
  readonly services: RunServices;
  /** Absent: the project is autosd's own. */
  readonly existing: ExistingProject | undefined;
}

/**
 * Where code was there before: looks at it and runs its own checks, before anything is asked of
 * anybody. What the run does from then on happens on its branch.
 */
export async function enterExisting(
  unguarded: Ctx,
  services: RunServices,
  request: RunRequest,
): Promise<Entered> {
  if (request.existing === undefined) return { services, existing: undefined };
  const nameless = haltable(unguarded, services.halts, request.projectId ?? undefined);
  const existing = await nameless.step("look at the project that is there", () =>
    openExistingProject(services, request),
  );
  const ctx = haltable(unguarded, services.halts, existing.projectId);
  const { branch, comparedWith, plan } = existing;
  services.observe({
    kind: "phase",
    phase: "base",
    detail: `${plan.platform} at ${comparedWith}, to be built on branch ${branch.name}`,
  });
  const verdict = await ctx.step("run the checks on what is there", async (scope) => {
    await refuseUnkeepable(services, request, existing, ctx.runId);
    return judgeBase(services, request, existing, scope);
  });
  const work = settleBase(services, request, existing, verdict);
  return { services: onBranch(services, existing, work), existing };
}

/** Everything that reads, judges or commits does so on the branch. */
function onBranch(
  services: RunServices,
  { branch }: ExistingProject,
  existing: ExistingWork,
): RunServices {
  const { verifier } = services;
  return {
    ...services,
    vcs: services.repositories.onBranch(branch),
    verifier: {
      verify: (request, signal) => verifier.verify({ ...request, existing }, signal),
    },
  };
}

/**
 * The planner of a project that is there: stories fit its code, its platform is what it is. The same
 * requirements are not planned anew: other stories would come of it than those that are built. A plan
 * that came with the folder is nobody's.
 */
export function plannerOn(
  planner: Planner,
  { services, existing }: Entered,
  request: RunRequest,
): Planner {
  if (existing === undefined) return planner;
  refuseUnsuited(planner.kind);
  const project = existing.outline;
  return {
    kind: planner.kind,
    refine: async (document, signal, run) => {
      const place = { directory: request.directory, path: projectPaths.refined };
      const known =
        request.recordFile === null &&
        planner.kind === "model" &&
        (await isOwnRecord(services, place.directory, place.path))
          ? await readRecord(services.files, place, refinedRequirementsSchema)
          : undefined;
      if (known?.source.digest === document.digest) return known;
      return planner.refine(document, signal, run === undefined ? run : { ...run, project });
    },
    choosePlatform: async () => existing.plan,
    designDocument: (document, refined, plan, run) =>
      planner.designDocument(document, refined, plan, run),
  };
}

/** Blueprint writes whole products of its own kinds; it cannot read somebody's code. */
export function refuseUnsuited(planner: string): void {
  if (planner !== "blueprint") return;
  throw new FlowError(
    "AUTOSD-PROVIDER-UNSUITED",
    "blueprint builds new projects only; code that is there already needs a language model",
  );
}
