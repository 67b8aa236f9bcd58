import type { AgentSettings } from "../ports/providers.port.ts";

/** The part of the configuration that is about an external agent. */
export interface AgentConfiguration {
  readonly provider: string;
  readonly plannerProvider: string | undefined;
  readonly agentCommand: readonly string[] | undefined;
  readonly agentAuth: string | undefined;
  readonly agentEgress: readonly string[];
  readonly agentEnv: readonly string[];
  readonly agentReadDirs: readonly string[];
  readonly agentTimeoutSeconds: number;
  readonly agentSilentSeconds: number;
}

/** What is set for the external agent; nothing when none is to implement. */
export function agentSettings(set: AgentConfiguration): { readonly agent?: AgentSettings } {
  if (set.provider !== "acp") return {};
  return {
    agent: {
      command: set.agentCommand ?? [],
      authMethod: set.agentAuth ?? null,
      // Without a port the one of HTTPS is meant.
      egress: set.agentEgress.map((host) => (/:\d+$/.test(host) ? host : `${host}:443`)),
      environment: set.agentEnv,
      readFolders: set.agentReadDirs,
      timeoutSeconds: set.agentTimeoutSeconds,
      silentSeconds: set.agentSilentSeconds,
      plannerProvider: set.plannerProvider ?? null,
    },
  };
}
