import type { Invocation } from "../action.ts";
import { listOption, textOption } from "../typed-options.ts";

/** What the command line sets for an external agent, by the names of the configuration. */
export function agentOptions(options: Invocation["options"]) {
  return {
    plannerProvider: textOption(options, "plannerProvider"),
    agentCommand: textOption(options, "agentCommand"),
    agentAuth: textOption(options, "agentAuth"),
    agentEgress: listOption(options, "agentEgress"),
    agentEnv: listOption(options, "agentEnv"),
    agentReadDirs: listOption(options, "agentReadDir"),
  };
}
