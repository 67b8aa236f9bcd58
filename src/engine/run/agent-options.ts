import { AgentError } from "../../delivery/agent/acp/errors.ts";
import { secretInCommand } from "./secret-in-command.ts";
import { FlowError } from "./errors.ts";
import type { RunRequest } from "./run-request.ts";

/**
 * What cannot be kept with an external agent is refused before anything is begun: AUTOSD-AGENT-OPTION.
 * What an agent spends is known to nobody before it is spent, and it works on one story after the other.
 */
export function refuseUnkeptByAgent(
  request: Pick<RunRequest, "provider" | "agent" | "models" | "parallel" | "existing">,
): void {
  if (request.provider !== "acp") return;
  const { agent, models, parallel, existing } = request;
  if (agent === undefined || agent.command.length === 0)
    throw new AgentError("AUTOSD-AGENT-UNCONFIGURED", "--provider acp needs the agent's command");
  const secret = secretInCommand(agent.command);
  if (secret !== undefined)
    throw new AgentError(
      "AUTOSD-AGENT-OPTION",
      `the agent's command holds a secret (${secret}), and what a run was asked is kept with it`,
      {
        remedy:
          "Put the secret into a variable of the environment and hand it over by name: --agent-env NAME",
      },
    );
  const limit = models === null ? undefined : spendingLimit(models);
  if (limit !== undefined)
    throw new AgentError(
      "AUTOSD-AGENT-OPTION",
      `${limit} cannot be kept: what an external agent spends is not known before it is spent`,
      {
        remedy: `Leave ${limit} out and limit the agent at its own provider; --timeout-seconds N is kept`,
      },
    );
  if (parallel !== undefined && parallel.workers > 1)
    throw new AgentError(
      "AUTOSD-AGENT-OPTION",
      `${parallel.workers} stories at once cannot be had: what an external agent reads is not known, so what it makes ahead of its turn would count as stale`,
      { remedy: "Give the command again with --parallel-prompt-workers 1" },
    );
  if (existing !== undefined && agent.plannerProvider === null)
    throw new FlowError(
      "AUTOSD-PROVIDER-UNSUITED",
      "blueprint plans new projects only; for code that is there already a language model has to plan",
      { remedy: "Name the model that plans: --planner-model NAME" },
    );
}

function spendingLimit({
  maxCostUsd,
  maxTokens,
}: NonNullable<RunRequest["models"]>): string | undefined {
  if (maxCostUsd !== null) return "--max-cost-usd";
  return maxTokens === null ? undefined : "--max-tokens";
}
