import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { EngineClient } from "../ports/run-engine.port.ts";
import { limitsOf, type RunLimits, withLimits } from "./run-limits.ts";
import { type RunRequest, runRequestSchema } from "./run-request.ts";

const topic = "limits";

const { models, parallel } = runRequestSchema.shape;
const ofModels = models.unwrap().unwrap().shape;
const ofWorkers = parallel.unwrap().shape;

const limitsSchema = z.object({
  waitForResetSeconds: ofModels.waitForResetSeconds.exactOptional(),
  maxCostUsd: ofModels.maxCostUsd.exactOptional(),
  maxTokens: ofModels.maxTokens.exactOptional(),
  modelContextTokens: ofModels.modelContextTokens,
  plannerModelContextTokens: ofModels.plannerModelContextTokens,
  parallel: z
    .object({
      workers: ofWorkers.workers.exactOptional(),
      allowStale: ofWorkers.allowStale.exactOptional(),
      rule: ofWorkers.rule.exactOptional(),
    })
    .exactOptional(),
});

/**
 * The request under all limits that were ever set for the run, the newest last. What `anew` changes
 * is recorded with the run: whoever goes on with it next need not say it again.
 */
export async function underLimits(
  runs: Pick<EngineClient, "signal" | "signals">,
  runId: string,
  asked: RunRequest,
  anew: RunLimits,
): Promise<RunRequest> {
  const sent = await runs.signals(runId, topic);
  const kept = sent
    .map((one) => limitsSchema.parse(one))
    .reduce((request, limits) => withLimits(request, limits), asked);
  const request = withLimits(kept, anew);
  if (canonicalJson(limitsOf(request)) !== canonicalJson(limitsOf(kept)))
    await runs.signal(runId, topic, anew);
  return request;
}
