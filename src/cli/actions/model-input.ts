import type { Config } from "../../config/options.ts";
import type { RunInput } from "../../engine/autosd.ts";
import type { Invocation } from "../action.ts";
import { countOption, textOption } from "../typed-options.ts";

/** What the command line sets for language models, by the names of the configuration. */
export function modelOptions(options: Invocation["options"]) {
  return {
    provider: textOption(options, "provider"),
    model: textOption(options, "model"),
    plannerModel: textOption(options, "plannerModel"),
    baseUrl: textOption(options, "baseUrl"),
    keyFile: textOption(options, "keyFile"),
    waitForResetSeconds: countOption(options, "waitForReset"),
    maxCostUsd: textOption(options, "maxCostUsd"),
    maxTokens: textOption(options, "maxTokens"),
  };
}

/** What is set for language models; nothing when nothing is. */
export function modelInput(values: Config): Pick<RunInput, "models"> {
  const models = {
    model: values.model ?? null,
    plannerModel: values.plannerModel ?? null,
    baseUrl: values.baseUrl ?? null,
    keyFile: values.keyFile ?? null,
    waitForResetSeconds: values.waitForResetSeconds ?? null,
    maxCostUsd: values.maxCostUsd ?? null,
    maxTokens: values.maxTokens ?? null,
  };
  if (Object.values(models).every((one) => one === null)) return {};
  const { modelContextTokens, plannerModelContextTokens } = values;
  return {
    models: {
      ...models,
      ...(modelContextTokens === undefined ? {} : { modelContextTokens }),
      ...(plannerModelContextTokens === undefined ? {} : { plannerModelContextTokens }),
    },
  };
}
