import type { Planner } from "../delivery/agent/planner.port.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { Exclusively } from "../engine/backlog/backlog-calls.ts";
import type { Providers } from "../engine/ports/providers.port.ts";
import type { RefineServices } from "../engine/refine/refine.ts";
import type { Ids } from "../kernel/ids.ts";

/** What refining needs; each part is made when it is asked for. */
export interface RefineParts {
  readonly files: () => Promise<RefineServices["files"]>;
  readonly folders: () => Promise<RefineServices["folders"]>;
  readonly requirements: () => Promise<RefineServices["requirements"]>;
  readonly vcs: () => Promise<RefineServices["vcs"]>;
  /** While nothing else works on the folder; refuses one that is halted. */
  readonly exclusively: Exclusively;
  readonly ids: () => Promise<Ids>;
  readonly planner: () => Promise<Planner>;
  readonly providers: () => Promise<Providers>;
}

type RefineInput = Parameters<Autosd["refine"]>[0];

/** The commands that plan without a run. */
export function refineCalls(parts: RefineParts): Pick<Autosd, "refine" | "checkTraceability"> {
  const refine = () => import("../engine/refine/refine.ts");
  return {
    refine: (input, signal) =>
      parts.exclusively(
        input.outputDirectory,
        async () => {
          const services = await servicesOf(parts);
          const runId = (await parts.ids()).next("refine");
          const planner = await plannerFor(parts, input);
          return (await refine()).refine(services, planner, { ...input, runId }, signal);
        },
        "autosd refine",
      ),
    checkTraceability: async (input) =>
      (await refine()).checkTraceability(await servicesOf(parts), input),
  };
}

async function servicesOf(parts: RefineParts): Promise<RefineServices> {
  return {
    files: await parts.files(),
    folders: await parts.folders(),
    requirements: await parts.requirements(),
    vcs: await parts.vcs(),
  };
}

async function plannerFor(parts: RefineParts, input: RefineInput): Promise<Planner> {
  const { provider = "blueprint", models = null } = input;
  if (provider === "blueprint") return parts.planner();
  const providers = await parts.providers();
  const asked = { provider, models, providerWhy: null, replayFile: null, recordFile: null };
  return (await providers.choose(await providers.settle(asked))).planner;
}
