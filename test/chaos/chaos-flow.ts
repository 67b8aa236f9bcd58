import { Authorization } from "../../src/governance/policy/authorization.ts";
import type { Ctx, Flow } from "../../src/engine/ports/run-engine.port.ts";
import type { ProjectStore } from "../../src/state/projects.port.ts";
import type { Tx } from "../../src/state/tx.ts";
import { appendToLedger, readLedger } from "./ledger.ts";

export const storyCount = 3;

export interface ChaosResult {
  readonly startedAtMs: number;
  readonly id: string;
  readonly approval: { readonly by: string } | null;
  readonly stories: readonly { readonly built: string; readonly commit: string }[];
}

/** What the flow touches. `mark` names an instant at which the process may be killed. */
export interface ChaosWorld {
  readonly ledger: string;
  readonly projects: ProjectStore;
  /** Inside a transaction: the number of stories counted so far. */
  readonly counted: (tx: Tx, runId: string) => Promise<number>;
  readonly random: () => string;
  readonly mark: (name: string) => void;
}

/**
 * Every kind of step, with results that differ each time they are computed: a result that was
 * computed twice and mixed up shows.
 */
export function chaosFlow(world: ChaosWorld): Flow<unknown, ChaosResult> {
  return {
    name: "chaos",
    version: 1,
    async run(ctx) {
      const startedAtMs = await ctx.now();
      const id = await ctx.id("chaos");
      // The approval is there before the run begins: only an engine that forgets waits in vain.
      const approval = await ctx.waitFor<{ by: string }>("approval", 100);
      await ctx.sleep(1);
      const stories = [];
      for (let story = 0; story < storyCount; story += 1)
        stories.push(await buildStory(ctx, world, story));
      return { startedAtMs, id, approval, stories };
    },
  };
}

async function buildStory(
  ctx: Ctx,
  world: ChaosWorld,
  story: number,
): Promise<ChaosResult["stories"][number]> {
  const { runId } = ctx;
  const built = await ctx.step(`build-${story}`, async ({ key }) => {
    appendToLedger(world.ledger, { runId, what: "began", key });
    world.mark("in-step");
    const value = world.random();
    appendToLedger(world.ledger, { runId, what: "did", key, value });
    return value;
  });
  await ctx.tx(`count-${story}`, async (tx) => {
    const count = await world.counted(tx, runId);
    await world.projects.upsert(
      {
        id: runId,
        title: runId,
        directory: `/projects/${runId}`,
        platform: "chaos",
        status: "open",
        health: "running",
        storiesDone: count + 1,
        storiesTotal: storyCount,
        lastRunId: runId,
        createdAtMs: 0,
        updatedAtMs: 0,
      },
      tx,
    );
  });
  const commit = await ctx.effect(`commit-${story}`, commitOf(world, runId));
  return { built, commit };
}

/** A target that does whatever it is told, as often as it is told. */
function commitOf(
  world: ChaosWorld,
  runId: string,
): Parameters<Ctx["effect"]>[1] & {
  do(authorization: Authorization, key: string): Promise<string>;
  probe(key: string): Promise<string | undefined>;
} {
  const { ledger } = world;
  return {
    authorize: async (_tx, key) =>
      Authorization.forLocalAction({ kind: "workspace.commit", project: "chaos", runId, key }),
    do: async (authorization, key) => {
      const refusal = Authorization.spend(authorization, { kind: "workspace.commit", key });
      if (refusal !== undefined) throw new Error(`refused: ${refusal}`);
      world.mark("before-act");
      const value = world.random();
      appendToLedger(ledger, { runId, what: "act", key, value });
      world.mark("after-act");
      return value;
    },
    probe: async (key) => {
      appendToLedger(ledger, { runId, what: "probe", key });
      return readLedger(ledger).find((line) => line.what === "act" && line.key === key)?.value;
    },
  };
}
