import type { Implementer } from "../../delivery/agent/implementer.port.ts";
import type { Planner } from "../../delivery/agent/planner.port.ts";
import { SessionError } from "../../delivery/agent/errors.ts";
import type {
  ChosenProvider,
  ProviderChoice,
  Providers,
} from "../../engine/ports/providers.port.ts";

interface Pair {
  readonly planner: Planner;
  readonly implementer: Implementer;
}

export interface LocalProviders {
  readonly blueprint: () => Promise<Pair>;
  /** Planner and implementer of a language model or an agent; a provider that is neither is an error. */
  readonly model: (choice: ProviderChoice) => Promise<Pair>;
  /** What `auto` means here, and whose model plans for an agent. */
  readonly settle: (choice: ProviderChoice) => Promise<ProviderChoice>;
}

/** The providers of this machine: blueprint always, replay when a recorded session is named. */
export function createProviders(local: LocalProviders): Providers {
  return {
    async settle(choice) {
      const isOpen = ["auto", "acp"].includes(choice.provider) && choice.replayFile === null;
      return isOpen ? local.settle(choice) : choice;
    },
    async choose(choice, over) {
      const resolved = await resolve(local, choice);
      const implementer = over?.(resolved.implementer) ?? resolved.implementer;
      const chosen = { ...resolved, implementer };
      if (choice.recordFile === null) return chosen;
      const { openSessionFile } = await import("./recording-file.ts");
      const { recordingImplementer, recordingPlanner } = await import("./recording-session.ts");
      const sink = await openSessionFile(choice.recordFile);
      return {
        ...chosen,
        planner: recordingPlanner(chosen.planner, sink),
        implementer: recordingImplementer(chosen.implementer, sink),
      };
    },
  };
}

async function resolve(local: LocalProviders, choice: ProviderChoice): Promise<ChosenProvider> {
  if (choice.replayFile !== null && choice.provider !== "blueprint")
    return replayOf(choice.replayFile);
  if (choice.provider === "replay")
    throw new SessionError("AUTOSD-REPLAY-UNREADABLE", "no recorded session is named", {
      remedy: "Name it with --replay-file FILE.",
    });
  if (choice.provider === "auto") return resolve(local, await local.settle(choice));
  const why = choice.providerWhy ?? "asked for with --provider";
  const pair = choice.provider === "blueprint" ? local.blueprint() : local.model(choice);
  return { name: choice.provider, why, ...(await pair) };
}

async function replayOf(file: string): Promise<ChosenProvider> {
  const { readSession } = await import("./recording-file.ts");
  const { createReplayImplementer, createReplayPlanner } = await import("./replay-session.ts");
  const session = await readSession(file);
  return {
    name: "replay",
    why: `the session recorded in ${file}`,
    planner: createReplayPlanner(session),
    implementer: createReplayImplementer(session),
  };
}
