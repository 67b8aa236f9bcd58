import type { Halt, HaltSwitch } from "../../governance/policy/halt-switch.port.ts";

/** A halt switch for tests: gone with the process. */
export function createMemoryHaltSwitch(): HaltSwitch {
  const thrown = new Map<string, Halt>();
  return {
    haltOf: async (project) => thrown.get(project) ?? thrown.get("*"),
    halt: async (halt) => {
      if (!thrown.has(halt.project)) thrown.set(halt.project, halt);
    },
    lift: async (project) => thrown.delete(project),
    list: async () => [...thrown.values()],
  };
}
