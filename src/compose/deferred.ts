import type { Implementer } from "../delivery/agent/implementer.port.ts";
import type { Verifier } from "../delivery/verification/verification.port.ts";
import type { Planner } from "../delivery/agent/planner.port.ts";
import type { RunServices } from "../engine/run/run-services.ts";
import type { Workspaces } from "../engine/ports/workspaces.port.ts";

/** Ports whose adapters are built by the first call: a run's first question waits for none of them. */
export function deferredVerifier(load: () => Promise<Verifier>): Verifier {
  return { verify: async (request, signal) => (await load()).verify(request, signal) };
}

/** The same for an implementer that adapts nothing. */
export function deferredImplementer(
  kind: Implementer["kind"],
  load: () => Promise<Pick<Implementer, "implement">>,
): Implementer {
  return {
    kind,
    async *implement(task, signal) {
      yield* (await load()).implement(task, signal);
    },
  };
}

/** The same for the folders of attempts. */
export function deferredWorkspaces(load: () => Promise<Workspaces>): Workspaces {
  return {
    open: async (options) => (await load()).open(options),
    fill: async (workspace, from) => (await load()).fill(workspace, from),
    discard: async (workspace) => (await load()).discard(workspace),
  };
}

/** The same for what a run records outside its own journal. */
export function deferredRecords(load: {
  readonly audit: () => Promise<RunServices["audit"]>;
  readonly places: () => Promise<RunServices["places"]>;
}): Pick<RunServices, "audit" | "places"> {
  return {
    audit: { transact: async (work) => (await load.audit()).transact(work) },
    places: { remember: async (id, directory) => (await load.places()).remember(id, directory) },
  };
}

/**
 * Ends the refinement only when what stories need is there: a run that could never build is not
 * planned further. Its own question is not kept waiting.
 */
export function refusingUnready(planner: Planner, ready: () => Promise<unknown>): Planner {
  return {
    ...planner,
    async refine(document, signal, run) {
      const refined = await planner.refine(document, signal, run);
      await ready();
      return refined;
    },
  };
}
