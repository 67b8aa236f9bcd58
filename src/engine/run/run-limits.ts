import type { ModelSettings } from "../ports/providers.port.ts";
import type { RunRequest } from "./run-request.ts";

/** What a person may set anew whenever a run goes on. Absent: as before; null: no limit. */
export type RunLimits = Partial<
  Pick<ModelSettings, "waitForResetSeconds" | "maxCostUsd" | "maxTokens">
>;

const unlimited = { waitForResetSeconds: null, maxCostUsd: null, maxTokens: null };

/** What makes two requests the same work: everything but how much it may take. */
export function workOf(request: RunRequest): RunRequest {
  const { models } = request;
  if (models === null) return request;
  const rest = { ...models, ...unlimited };
  return { ...request, models: Object.values(rest).every((one) => one === null) ? null : rest };
}

/** All limits of a request, so that they replace those of the run that it goes on with. */
export function limitsOf(request: RunRequest): RunLimits {
  const { waitForResetSeconds, maxCostUsd, maxTokens } = request.models ?? unlimited;
  return { waitForResetSeconds, maxCostUsd, maxTokens };
}

/** The request under other limits. One whose provider is no model has none, and gets none. */
export function withLimits(request: RunRequest, limits: RunLimits): RunRequest {
  const { models } = request;
  return models === null ? request : { ...request, models: { ...models, ...limits } };
}
