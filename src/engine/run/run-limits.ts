import type { ModelSettings } from "../ports/providers.port.ts";
import { oneAfterTheOther, type ParallelSettings } from "./parallel/parallel-settings.ts";
import type { RunRequest } from "./run-request.ts";

/** What a person may set anew whenever a run goes on. Absent: as before; null: no limit. */
export type RunLimits = Partial<
  Pick<
    ModelSettings,
    | "waitForResetSeconds"
    | "maxCostUsd"
    | "maxTokens"
    | "modelContextTokens"
    | "plannerModelContextTokens"
  >
> & { readonly parallel?: Partial<ParallelSettings> };

const unlimited = { waitForResetSeconds: null, maxCostUsd: null, maxTokens: null };

type Windows = Pick<ModelSettings, "modelContextTokens" | "plannerModelContextTokens">;

/** What is known of the models' contexts; nothing of it where nothing was set. */
function windowsOf({ modelContextTokens, plannerModelContextTokens }: Windows): Windows {
  return {
    ...(modelContextTokens === undefined ? {} : { modelContextTokens }),
    ...(plannerModelContextTokens === undefined ? {} : { plannerModelContextTokens }),
  };
}

/** What makes two requests the same work: everything but how much it may take. */
export function workOf(asked: RunRequest): Omit<RunRequest, "parallel"> {
  const request: { -readonly [K in keyof RunRequest]: RunRequest[K] } = { ...asked };
  delete request.parallel;
  const { models } = request;
  if (models === null) return request;
  const rest: { -readonly [K in keyof typeof models]: (typeof models)[K] } = {
    ...models,
    ...unlimited,
  };
  delete rest.modelContextTokens;
  delete rest.plannerModelContextTokens;
  return { ...request, models: Object.values(rest).every((one) => one === null) ? null : rest };
}

/** All limits of a request, so that they replace those of the run that it goes on with. */
export function limitsOf(request: RunRequest): RunLimits {
  const { waitForResetSeconds, maxCostUsd, maxTokens } = request.models ?? unlimited;
  const windows = windowsOf(request.models ?? {});
  const parallel = request.parallel ?? oneAfterTheOther;
  return { waitForResetSeconds, maxCostUsd, maxTokens, ...windows, parallel };
}

/** The request under other limits. One whose provider is no model has none, and gets none. */
export function withLimits(request: RunRequest, limits: RunLimits): RunRequest {
  const { parallel: anew, ...ofModels } = limits;
  const { models, parallel = oneAfterTheOther } = request;
  return {
    ...request,
    ...(anew === undefined ? {} : { parallel: { ...parallel, ...anew } }),
    ...(models === null ? {} : { models: { ...models, ...ofModels } }),
  };
}
