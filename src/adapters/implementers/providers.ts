import type { Implementer } from "../../delivery/agent/implementer.port.ts";
import type { Planner } from "../../delivery/agent/planner.port.ts";
import { SessionError } from "../../delivery/agent/errors.ts";
import type {
  ChosenProvider,
  ProviderChoice,
  Providers,
} from "../../engine/ports/providers.port.ts";
import { openSessionFile, readSession } from "./recording-file.ts";
import { recordingImplementer, recordingPlanner } from "./recording-session.ts";
import { createReplayImplementer, createReplayPlanner } from "./replay-session.ts";

interface Pair {
  readonly planner: Planner;
  readonly implementer: Implementer;
}

/** The providers of this machine: blueprint always, replay when a recorded session is named. */
export function createProviders(local: { readonly blueprint: () => Promise<Pair> }): Providers {
  return {
    async choose(choice) {
      const chosen = await resolve(local, choice);
      if (choice.recordFile === null) return chosen;
      const sink = await openSessionFile(choice.recordFile);
      return {
        ...chosen,
        planner: recordingPlanner(chosen.planner, sink),
        implementer: recordingImplementer(chosen.implementer, sink),
      };
    },
  };
}

async function resolve(
  local: { readonly blueprint: () => Promise<Pair> },
  choice: ProviderChoice,
): Promise<ChosenProvider> {
  if (choice.replayFile !== null && choice.provider !== "blueprint")
    return replayOf(choice.replayFile);
  if (choice.provider === "replay")
    throw new SessionError("AUTOSD-REPLAY-UNREADABLE", "no recorded session is named", {
      remedy: "Name it with --replay-file FILE.",
    });
  const why =
    choice.provider === "auto"
      ? "no language model is configured; blueprint builds without one"
      : "asked for with --provider";
  return { name: "blueprint", why, ...(await local.blueprint()) };
}

async function replayOf(file: string): Promise<ChosenProvider> {
  const session = await readSession(file);
  return {
    name: "replay",
    why: `the session recorded in ${file}`,
    planner: createReplayPlanner(session),
    implementer: createReplayImplementer(session),
  };
}
