import { valuesOf } from "./acp.ts";
import type { ComposeOptions } from "./options.ts";
import type { Sandbox } from "../delivery/agent/sandbox.port.ts";
import { agentSettings } from "../engine/run/agent-settings.ts";
import type { DoctorCheck } from "../engine/ports/doctor.port.ts";
import { AutosdError } from "../kernel/errors.ts";

/** Nothing is asked of the agent but who it is. */
const patience = { totalMs: 30_000, silentMs: 20_000, startMs: 20_000 };

/** Starts the agent that is configured in the sandbox and lets it say who it is; undefined: none is. */
export function agentDoctor(
  { config, environment, version }: ComposeOptions,
  sandbox: () => Promise<Sandbox>,
): (() => Promise<readonly DoctorCheck[]>) | undefined {
  const { agentCommand } = config;
  if (agentCommand === undefined) return undefined;
  const { agent } = agentSettings({ ...config, provider: "acp" });
  if (agent === undefined) return undefined;
  const row = { name: "agent", required: false };
  return async () => {
    try {
      const { findInstallation } = await import("../adapters/implementers/acp-installation.ts");
      const { withAgent } = await import("../adapters/implementers/acp-session.ts");
      const { agentLimits } = await import("../adapters/implementers/acp-implementer.ts");
      const { command, mounts } = await findInstallation(agentCommand, {
        searchPath: environment["PATH"] ?? "",
        readFolders: agent.readFolders,
      });
      const start = {
        ...{ sandbox: await sandbox(), autosdVersion: version, authMethod: null, patience },
        command: {
          ...{ command, mounts, cwd: "/tmp", env: valuesOf(agent, environment) },
          egress: { kind: "none" as const },
          limits: agentLimits(patience.totalMs),
        },
        handlers: { answer: () => undefined, notice: () => undefined },
        signal: AbortSignal.timeout(patience.totalMs),
      };
      const name = await withAgent(start, async ({ identity }) => identity.name);
      const seen = mounts.map((one) => one.path).join(", ");
      const finding = `${name} answers in the sandbox${seen === "" ? "" : `; it sees ${seen}`}`;
      return [{ ...row, ok: true, finding, remedy: undefined }];
    } catch (error) {
      if (!(error instanceof AutosdError)) throw error;
      const finding = `${error.code}: ${error.message}`;
      return [{ ...row, ok: false, finding, remedy: error.remedy }];
    }
  };
}
