import { describe, expect, it } from "vitest";
import {
  createGovernedPlace,
  type GovernedPlace,
  samplePush as action,
} from "../../../test/support/governed-place.ts";
import { Authorization } from "../../governance/policy/authorization.ts";
import type { Effect } from "../ports/run-engine.port.ts";
import { privilegedEffect } from "./privileged-effect.ts";

/** A target that counts; `dies` says where the process ends. */
class Target {
  acts = 0;
  fails = false;
  dies: "before the act" | "after the act" | undefined;

  effect(place: GovernedPlace, grant: string): Effect<number> {
    return privilegedEffect(place.door, place.request(action, grant), {
      do: async (authorization) => {
        const refusal = Authorization.spend(authorization, { kind: "privileged", action });
        if (refusal !== undefined) throw new Error(refusal);
        if (this.dies === "before the act") throw new Death();
        if (this.fails) throw new Error("the target is away");
        this.acts += 1;
        if (this.dies === "after the act") throw new Death();
        return this.acts;
      },
      parse: (recorded) => Number(recorded),
      probe: async () => {
        if (this.dies !== undefined) throw new Death();
        return this.acts === 0 ? undefined : this.acts;
      },
    });
  }
}

class Death extends Error {}

const noTx = undefined as never;

/** What the engine does with an effect; `earlier`: an intent without an outcome was found. */
async function execute(effect: Effect<number>, earlier: boolean): Promise<number> {
  if (earlier) {
    const happened = await effect.probe("key");
    if (happened !== undefined) return happened;
  }
  return effect.do(await effect.authorize(noTx, "key"), "key");
}

async function usesOf(place: GovernedPlace, grant: string): Promise<number> {
  return (await place.log.facts()).usageOf(grant).uses;
}

describe("an effect behind the door", () => {
  it("reserves, acts and settles, once", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const target = new Target();
    expect(await execute(target.effect(place, grant), false)).toBe(1);
    expect(await place.door.recorded(action)).toEqual({ result: 1 });
    expect(await usesOf(place, grant)).toBe(1);
  });

  it("is found done after a crash behind the act, and settled from what the target says", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const target = new Target();
    target.dies = "after the act";
    await expect(execute(target.effect(place, grant), false)).rejects.toBeInstanceOf(Death);
    expect(await place.door.recorded(action)).toBeUndefined();
    target.dies = undefined;
    expect(await execute(target.effect(place, grant), true)).toBe(1);
    expect(target.acts).toBe(1);
    expect(await place.door.recorded(action)).toEqual({ result: 1 });
    expect(await usesOf(place, grant)).toBe(1);
  });

  it("acts once after a crash before the act; both reservations stay spent", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const target = new Target();
    target.dies = "before the act";
    await expect(execute(target.effect(place, grant), false)).rejects.toBeInstanceOf(Death);
    target.dies = undefined;
    expect(await execute(target.effect(place, grant), true)).toBe(1);
    expect(target.acts).toBe(1);
    expect(await usesOf(place, grant)).toBe(2);
  });

  it("returns what was recorded even when the target has moved on", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const target = new Target();
    await execute(target.effect(place, grant), false);
    target.acts = 0;
    expect(await execute(target.effect(place, grant), true)).toBe(1);
    expect(target.acts).toBe(0);
  });

  it("settles a failure as not done, and a later run may try again", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const target = new Target();
    target.fails = true;
    await expect(execute(target.effect(place, grant), false)).rejects.toThrow("away");
    expect(await place.door.recorded(action)).toBeUndefined();
    expect((await place.log.facts()).usageOf(grant).uses).toBe(1);
    target.fails = false;
    expect(await execute(target.effect(place, grant), false)).toBe(1);
  });

  it("does not act when the door refuses", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    await place.grants.revoke({ jti: grant, atMs: place.clock.ms, reason: "" });
    const target = new Target();
    await expect(execute(target.effect(place, grant), false)).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INVALID",
    });
    expect(target.acts).toBe(0);
  });
});
