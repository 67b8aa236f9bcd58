import { deferredImplementer } from "./deferred.ts";
import { once } from "./governance.ts";
import { modelBasis } from "./implementer.ts";
import { modelPair, type ModelPlace, settleModels } from "./models.ts";
import { AgentError } from "../delivery/agent/acp/errors.ts";
import type { Implementer } from "../delivery/agent/implementer.port.ts";
import type { Planner } from "../delivery/agent/planner.port.ts";
import type { AgentSettings, ProviderChoice } from "../engine/ports/providers.port.ts";
import { keepSecret } from "../kernel/known-secrets.ts";

/** What external agents are started with, and who plans for them. */
export interface AgentPlace extends ModelPlace {
  readonly version: string;
  /** Blueprint's. */
  readonly planner: () => Promise<Planner>;
}

/** What an agent spends is not autosd's to limit. */
const noLimits = { maxTokens: undefined, maxCostMicrousd: undefined };
/** An agent that does not even say who it is will not do better in a minute. */
const startMs = 60_000;

/** Settles whose model plans: the provider that is named, else what fits the model, else blueprint. */
export async function settleAgent(
  place: ModelPlace,
  choice: ProviderChoice,
): Promise<ProviderChoice> {
  const { agent, models } = choice;
  const name = models?.plannerModel ?? null;
  if (agent === undefined || models === null || name === null || agent.plannerProvider !== null)
    return choice;
  const settled = await settleModels(place, {
    ...choice,
    provider: "auto",
    models: { ...models, model: name },
  });
  return { ...choice, agent: { ...agent, plannerProvider: settled.provider } };
}

/** The agent as implementer, and its planner; what cannot work is said before anything is begun. */
export async function agentPair(
  place: AgentPlace,
  choice: ProviderChoice,
): Promise<{ readonly planner: Planner; readonly implementer: Implementer }> {
  const settled = await settleAgent(place, choice);
  const { agent } = settled;
  if (agent === undefined || agent.command.length === 0)
    throw new AgentError("AUTOSD-AGENT-UNCONFIGURED", "--provider acp needs the agent's command");
  const env = valuesOf(agent, place.environment);
  const { findInstallation } = await import("../adapters/implementers/acp-installation.ts");
  const installation = await findInstallation(agent.command, {
    searchPath: place.environment["PATH"] ?? "",
    readFolders: agent.readFolders,
  });
  const planner = await plannerFor(place, settled, agent);
  const loaded = once(async () => {
    const { createAcpImplementer } = await import("../adapters/implementers/acp-implementer.ts");
    const { journalOf, promptOf, clock } = await modelBasis(place.implementer, noLimits);
    const { implementer } = place;
    return createAcpImplementer({
      ...{ installation, env, journalOf, promptOf, clock },
      sandbox: await implementer.sandbox(),
      vcs: await implementer.vcs(),
      dependencies: await implementer.dependencies(),
      hosts: async () => [...(await implementer.registryHosts()), ...agent.egress],
      authMethod: agent.authMethod,
      patience: patienceOf(agent),
      autosdVersion: place.version,
    });
  });
  return { planner, implementer: deferredImplementer("acp", loaded) };
}

function patienceOf({ timeoutSeconds, silentSeconds }: AgentSettings) {
  return { totalMs: timeoutSeconds * 1_000, silentMs: silentSeconds * 1_000, startMs };
}

async function plannerFor(
  place: AgentPlace,
  choice: ProviderChoice,
  { plannerProvider }: AgentSettings,
): Promise<Planner> {
  if (plannerProvider === null) return place.planner();
  const { models } = choice;
  const model = models?.plannerModel ?? models?.model ?? null;
  const pair = await modelPair(place, {
    ...choice,
    provider: plannerProvider,
    models: models === null ? null : { ...models, model, plannerModel: null },
  });
  return pair.planner;
}

/** Names that the sandbox sets, or that would undo what it does. */
const own =
  /^(?:HOME|PATH|PWD|SHELL|USER|LOGNAME|TMPDIR|(?:https?|no|all)_proxy|LD_.*|AUTOSD_.*)$/i;

/** The variables of the agent with their values, which are secrets from now on. */
export function valuesOf(
  { environment }: AgentSettings,
  variables: AgentPlace["environment"],
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of environment) {
    const value = variables[name];
    if (own.test(name))
      throw new AgentError("AUTOSD-AGENT-ENV", `${name} is set by autosd for the agent`, {
        remedy: `Leave out --agent-env ${name}`,
      });
    if (value === undefined || value === "")
      throw new AgentError(
        "AUTOSD-AGENT-ENV",
        `${name} is to be handed to the agent, and is not set`,
        {
          remedy: `Set ${name}, or leave out --agent-env ${name}, and give the command again`,
        },
      );
    keepSecret(value);
    values[name] = value;
  }
  return values;
}
