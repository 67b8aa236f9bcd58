import type { Door, DoorRequest } from "../../governance/policy/door.ts";
import type { Authorization } from "../../governance/policy/authorization.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { Effect } from "../ports/run-engine.port.ts";

/** An act on the outside, and how to find out whether it happened. */
export interface PrivilegedAct<T> {
  do(authorization: Authorization): Promise<T>;
  /** Asks the target: did it happen? `undefined`: it did not. Throws when that cannot be known. */
  probe(): Promise<T | undefined>;
  /** The result as it was recorded, read again. Throws for what is none. */
  parse(recorded: unknown): T;
  /** Millionths of a US dollar. */
  costOf?(result: T): number;
}

/**
 * The engine's effect behind the door: reserved before the act, settled after it. After a crash the
 * target is asked; what it says settles the open reservation, which stays spent either way.
 */
export function privilegedEffect<T>(
  door: Door,
  request: DoorRequest,
  act: PrivilegedAct<T>,
): Effect<T> {
  const { action } = request;
  const done = (result: T) =>
    ({ ok: true, result, costMicrousd: act.costOf?.(result) ?? 0 }) as const;
  return {
    authorize: async () => {
      // The engine asks for leave only when nothing was done under an earlier one.
      await door.reconcile(action, notDone("the process ended before it acted"));
      return door.authorize(request);
    },
    do: async (authorization) => {
      const result = await attempt(door, act, authorization);
      await door.settle(authorization, done(result));
      return result;
    },
    probe: async () => {
      const recorded = await door.recorded(action);
      if (recorded !== undefined) return act.parse(recorded.result);
      const happened = await act.probe();
      if (happened !== undefined) await door.reconcile(action, done(happened));
      return happened;
    },
  };
}

/** A failed act is settled as failed when the target says that nothing happened. */
async function attempt<T>(
  door: Door,
  act: PrivilegedAct<T>,
  authorization: Authorization,
): Promise<T> {
  try {
    return await act.do(authorization);
  } catch (error) {
    const happened = await act.probe();
    if (happened !== undefined) return happened;
    const code = error instanceof AutosdError ? error.code : "AUTOSD-BUG";
    const message = messageOf(error);
    await door.settle(authorization, { ok: false, code, message });
    throw error;
  }
}

function notDone(message: string) {
  return { ok: false, code: "not-done", message } as const;
}
