import { join } from "node:path";
import type { createProviders, LocalProviders } from "../adapters/implementers/providers.ts";
import type { BlueprintPlatform } from "../blueprint/platforms/platform.port.ts";
import type { AgentPlace } from "./acp.ts";
import { refusingUnready } from "./deferred.ts";
import { once } from "./governance.ts";
import type { ImplementerParts } from "./implementer.ts";
import type { ModelPlace } from "./models.ts";
import { oncePerDocument } from "./reading.ts";
import { modelWatch, type TelemetryPlace } from "./telemetry.ts";
import type { Planner } from "../delivery/agent/planner.port.ts";

/** What planners and implementers are made of. */
export interface ProviderNeeds
  extends
    Omit<ModelPlace, "implementer" | "whileAnswering" | "watch">,
    ImplementerParts,
    Pick<TelemetryPlace, "otlpEndpoint" | "version" | "onClose"> {
  readonly packageFolder: string;
  readonly planner: () => Promise<Planner>;
  readonly platforms: () => Promise<readonly BlueprintPlatform[]>;
}

type Pair = Awaited<ReturnType<LocalProviders["blueprint"]>>;

/** Whoever plans and builds on this machine, loaded when chosen. */
export async function localProviders(
  needs: ProviderNeeds,
): Promise<ReturnType<typeof createProviders>> {
  const providers = await import("../adapters/implementers/providers.ts");
  const buildable = (pair: Pair): Pair => ({
    ...pair,
    planner: refusingUnready(pair.planner, needs.sandbox),
  });
  return providers.createProviders({
    blueprint: async () => buildable(await blueprintPair(needs)),
    model: async (choice) =>
      buildable(
        choice.provider === "acp"
          ? await (await import("./acp.ts")).agentPair(agentPlace(needs), choice)
          : await (await import("./models.ts")).modelPair(modelPlace(needs), choice),
      ),
    settle: async (choice) =>
      choice.provider === "acp"
        ? (await import("./acp.ts")).settleAgent(modelPlace(needs), choice)
        : (await import("./models.ts")).settleModels(modelPlace(needs), choice),
  });
}

async function blueprintPair(needs: ProviderNeeds): Promise<Pair> {
  const { createBlueprintImplementer } =
    await import("../adapters/implementers/blueprint-implementer.ts");
  const { readProduct } = await import("../blueprint/read/read-product.ts");
  return {
    planner: await needs.planner(),
    implementer: createBlueprintImplementer({
      platforms: await needs.platforms(),
      templatesDirectory: join(needs.packageFolder, "templates"),
      readProduct: oncePerDocument(readProduct),
    }),
  };
}

function agentPlace(needs: ProviderNeeds): AgentPlace {
  return { ...modelPlace(needs), version: needs.version, planner: needs.planner };
}

function modelPlace(needs: ProviderNeeds): ModelPlace {
  const { home, environment, clock, log, onWaiting, sandbox } = needs;
  return {
    ...{ home, environment, clock, log, onWaiting },
    watch: modelWatch({ ...needs, onProblem: onWaiting }),
    // While the first answer is waited for there is time to look at what stories need.
    whileAnswering: once(async () => {
      await sandbox();
    }),
    implementer: needs,
  };
}
