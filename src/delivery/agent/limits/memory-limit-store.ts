import type { LimitState } from "./limit-records.ts";
import type { LimitStore } from "./limit-store.port.ts";

/** For one process. */
export function createMemoryLimitStore(): LimitStore {
  const states = new Map<string, LimitState>();
  return {
    async change(key, change) {
      const [state, made] = change(states.get(key));
      states.set(key, state);
      return made;
    },
  };
}
