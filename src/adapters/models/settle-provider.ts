import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { ModelSettings } from "../../engine/ports/providers.port.ts";
import { modelProviders, type ModelProvider } from "./create-model.ts";
import type { LocalServer } from "./local-servers.ts";

/** Who answers, with what model, and why that was chosen. */
export interface SettledProvider {
  readonly provider: ModelProvider | "blueprint";
  readonly models: ModelSettings;
  readonly why: string;
}

export interface Surroundings {
  /** Name of the environment variable that holds a key for the provider; undefined: none does. */
  readonly keyVariable: (provider: ModelProvider) => string | undefined;
  readonly localServer: () => Promise<LocalServer | undefined>;
}

/** Whose models have such names. */
const families: readonly (readonly [RegExp, ModelProvider])[] = [
  [/^(gpt|o\d|chatgpt|codex)/i, "openai"],
  [/^claude/i, "anthropic"],
  [/^(gemini|gemma)/i, "google"],
];

/**
 * Resolves `auto`: what is configured (a model, and a key or an address for it), else a server on
 * this machine, else blueprint. A half-finished configuration is an error, never a silent blueprint.
 */
export async function settleProvider(
  models: ModelSettings,
  around: Surroundings,
): Promise<SettledProvider> {
  if (models.model !== null) return { ...configured(models, models.model, around) };
  if (models.baseUrl !== null || models.keyFile !== null)
    throw new ModelError(
      "AUTOSD-MODEL-UNCONFIGURED",
      "a key or an address is configured, but no model",
      {
        remedy: "Name the model with --model NAME",
      },
    );
  const local = await around.localServer();
  if (local !== undefined)
    return {
      provider: "openai-compatible",
      models: { ...models, model: local.model, baseUrl: local.baseUrl },
      why: `${local.name} answers at ${local.baseUrl} with ${local.model}`,
    };
  const variable = keyWithoutModel(around);
  return {
    provider: "blueprint",
    models,
    why:
      variable === undefined
        ? "no language model is configured; blueprint builds without one"
        : `${variable} is set, but no model is named (--model NAME): blueprint builds without one`,
  };
}

function keyWithoutModel(around: Surroundings): string | undefined {
  for (const provider of modelProviders) {
    const variable = around.keyVariable(provider);
    if (variable !== undefined) return variable;
  }
  return undefined;
}

function configured(models: ModelSettings, model: string, around: Surroundings): SettledProvider {
  const family = families.find(([pattern]) => pattern.test(model))?.[1];
  if (models.baseUrl !== null)
    return { provider: "openai-compatible", models, why: `${model} at ${models.baseUrl}` };
  if (models.keyFile !== null && family !== undefined)
    return { provider: family, models, why: `${model}, with the key in ${models.keyFile}` };
  const candidates = family === undefined ? modelProviders : [family];
  for (const provider of candidates) {
    const variable = around.keyVariable(provider);
    if (variable !== undefined)
      return { provider, models, why: `${model}, with the key in ${variable}` };
  }
  throw new ModelError(
    "AUTOSD-MODEL-UNCONFIGURED",
    `the model ${model} is configured, but no key for it`,
    {
      remedy: "Name the provider and the key: --provider PROVIDER --key-file FILE",
    },
  );
}
