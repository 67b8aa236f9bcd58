import { join } from "node:path";
import type { ModelProvider } from "../adapters/models/create-model.ts";
import type { CallPlace } from "../adapters/telemetry/traced-model.ts";
import { modelBasis, modelImplementer, type ImplementerParts } from "./implementer.ts";
import { once } from "./governance.ts";
import type { WatchModel } from "./telemetry.ts";
import type { Implementer } from "../delivery/agent/implementer.port.ts";
import type { BudgetLimits } from "../delivery/agent/model/budget.ts";
import { refuseUnpriced } from "../delivery/agent/model/prices.ts";
import { ModelError } from "../delivery/agent/model/errors.ts";
import type { Model } from "../delivery/agent/model/model.port.ts";
import type { Planner } from "../delivery/agent/planner.port.ts";
import type { ModelSettings, ProviderChoice } from "../engine/ports/providers.port.ts";
import type { Clock } from "../kernel/clock.ts";
import { FlowError } from "../engine/run/errors.ts";
import { AutosdError, DiskFullError } from "../kernel/errors.ts";
import { keepSecret } from "../kernel/known-secrets.ts";
import type { Log } from "../kernel/log.ts";
import { codeOf, hasCode, isOutOfRoom } from "../machine/error-code.ts";

/** What language models are reached with. */
export interface ModelPlace {
  readonly home: string;
  /** Where the providers' own variables hold their keys. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: () => Promise<Clock>;
  readonly log: () => Promise<Log>;
  /** Told what a person should see of waits. */
  readonly onWaiting: (message: string) => void;
  /** Started when a request is on its way; what it says is for whoever needs it to find out. */
  readonly whileAnswering: () => Promise<void>;
  readonly implementer: ImplementerParts;
  /** Watches the calls of a model. */
  readonly watch: () => Promise<WatchModel>;
}

/** The first that is set holds the key. */
const keyVariables: Readonly<Record<ModelProvider, readonly string[]>> = {
  openai: ["OPENAI_API_KEY"],
  anthropic: ["ANTHROPIC_API_KEY"],
  google: ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY"],
  "openai-compatible": ["OPENAI_COMPATIBLE_API_KEY"],
};
/** Servers of this machine answer at once or are not there. */
const localServerTimeoutMs = 300;

/** Turns `auto` into the name of whoever answers. */
export async function settleModels(
  place: ModelPlace,
  choice: ProviderChoice,
): Promise<ProviderChoice> {
  const { settleProvider } = await import("../adapters/models/settle-provider.ts");
  const settled = await settleProvider(choice.models ?? nothingSet, {
    keyVariable: (provider) => keyVariables[provider].find((name) => isSet(place, name)),
    localServer: async () => {
      const { findLocalServer } = await import("../adapters/models/local-servers.ts");
      return findLocalServer({ timeoutMs: localServerTimeoutMs });
    },
  });
  const { provider, models, why } = settled;
  // Blueprint has no model: what was set for one stays out of the request.
  return {
    ...choice,
    provider,
    providerWhy: why,
    models: provider === "blueprint" ? null : models,
  };
}

/** Planner and implementer of the language models that were chosen. */
export async function modelPair(
  place: ModelPlace,
  choice: ProviderChoice,
): Promise<{ readonly planner: Planner; readonly implementer: Implementer }> {
  const settings = choice.models ?? nothingSet;
  const provider = await providerNamed(choice.provider);
  const { model: name } = settings;
  if (name === null)
    throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", `${provider} needs the name of a model`, {
      remedy: "Name it with --model NAME",
    });
  // What is missing is said before anything is begun.
  if (provider === "openai-compatible" && settings.baseUrl === null)
    throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", `${provider} needs the address of a server`, {
      remedy: "Name it with --base-url http://HOST:PORT/v1",
    });
  const key = await keyOf(place, provider, settings);
  // Whoever echoes it: from now on it goes into no log, no journal and no file.
  keepSecret(key);
  warnOfPlainHttp(place, key, settings.baseUrl);
  const opened = (model: string): ((at?: CallPlace) => Promise<Model>) => {
    const open = once(() => openModel(place, { provider, model, key, settings }));
    return async (at) => (await place.watch())(await open(), settings.baseUrl, at);
  };
  const limits: BudgetLimits = {
    maxTokens: settings.maxTokens ?? undefined,
    maxCostMicrousd:
      settings.maxCostUsd === null ? undefined : Math.floor(settings.maxCostUsd * 1_000_000),
  };
  const { createModelPlanner } = await import("../adapters/implementers/model-planner.ts");
  const { readPriceFile } = await import("../adapters/models/price-file.ts");
  const pricesFile = join(place.home, "prices.json");
  const prices = once(() => readPriceFile(pricesFile));
  if (limits.maxCostMicrousd !== undefined)
    refuseUnpriced(await prices(), [settings.plannerModel ?? name, name], pricesFile);
  const basis = await modelBasis(place.implementer, limits, prices);
  const model = opened(name);
  const planning = settings.plannerModel === null ? model : opened(settings.plannerModel);
  return {
    planner: journaling(
      createModelPlanner({ ...basis, ...contextOf(plannerContext(settings)), model: planning }),
    ),
    implementer: modelImplementer(
      place.implementer,
      { ...basis, ...contextOf(settings.modelContextTokens) },
      model,
    ),
  };
}

/** What is known of one model's context says nothing of another's. */
function plannerContext(settings: ModelSettings): number | null | undefined {
  const isOwn = settings.plannerModel !== null && settings.plannerModel !== settings.model;
  return settings.plannerModelContextTokens ?? (isOwn ? null : settings.modelContextTokens);
}

function contextOf(tokens: number | null | undefined): { readonly contextTokens?: number } {
  return tokens === undefined || tokens === null ? {} : { contextTokens: tokens };
}

const nothingSet: ModelSettings = {
  model: null,
  plannerModel: null,
  baseUrl: null,
  keyFile: null,
  waitForResetSeconds: null,
  maxCostUsd: null,
  maxTokens: null,
};

async function providerNamed(name: string): Promise<ModelProvider> {
  const { modelProviders } = await import("../adapters/models/create-model.ts");
  const provider = modelProviders.find((one) => one === name);
  if (provider !== undefined) return provider;
  throw new ModelError("AUTOSD-MODEL-UNCONFIGURED", `there is no provider ${name}`);
}

/** What is paid for is journaled in the project's folder, so it has to be there first. */
function journaling(planner: Planner): Planner {
  return {
    ...planner,
    async refine(document, signal, run) {
      if (run !== undefined) await makeRoom(run.directory);
      return planner.refine(document, signal, run);
    },
  };
}

async function makeRoom(directory: string): Promise<void> {
  const { access, constants } = await import("node:fs/promises");
  const { makeFolder } = await import("../adapters/folders/machine-folders.ts");
  try {
    await makeFolder(directory);
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isOutOfRoom(error)) throw new DiskFullError(directory, { cause: error });
    const reason = hasCode(error, "EACCES", "EPERM") ? "permission denied" : String(codeOf(error));
    throw new FlowError("AUTOSD-OUTPUT-UNWRITABLE", `${directory} cannot be written: ${reason}`, {
      cause: error,
    });
  }
}

interface Opening {
  readonly provider: ModelProvider;
  readonly model: string;
  readonly key: string;
  readonly settings: ModelSettings;
}

async function openModel(place: ModelPlace, opening: Opening): Promise<Model> {
  const { randomUUID } = await import("node:crypto");
  const { createModel } = await import("../adapters/models/create-model.ts");
  const { createLimitedCalls, usualPatience } = await import("../adapters/models/limited-fetch.ts");
  const { createDirectFetch } = await import("../adapters/models/direct-fetch.ts");
  const { createLimitFiles } = await import("../adapters/models/limit-files.ts");
  const { createLimiter } = await import("../delivery/agent/limits/limiter.ts");
  const { systemTimer } = await import("../adapters/engine/system-timer.ts");
  const { keepMemoryModest } = await import("../adapters/process/modest-memory.ts");
  const clock = await place.clock();
  const wait = (ms: number, signal: AbortSignal): Promise<void> => systemTimer.wait(ms, signal);
  const { waitForResetSeconds, baseUrl } = opening.settings;
  const maxWaitMs =
    waitForResetSeconds === null ? usualPatience.maxWaitMs : waitForResetSeconds * 1_000;
  return createModel({
    provider: opening.provider,
    model: opening.model,
    baseUrl: baseUrl ?? undefined,
    key: async () => opening.key,
    clock,
    calls: createLimitedCalls({
      limiter: createLimiter({
        store: createLimitFiles({ folder: join(place.home, "limits"), log: await place.log() }),
        clock,
        wait,
        owner: String(process.pid),
        nextId: randomUUID,
      }),
      clock,
      wait,
      random: () => Math.random(),
      patience: { ...usualPatience, maxWaitMs },
      onWaiting: place.onWaiting,
      fetch: createDirectFetch(() => {
        // Not before: what was compiled ahead is good for V8's usual settings only.
        keepMemoryModest();
        void place.whileAnswering().catch(() => undefined);
      }),
    }),
  });
}

/** From the key file, else from the provider's variable; empty for a server that wants none. */
async function keyOf(
  place: ModelPlace,
  provider: ModelProvider,
  settings: ModelSettings,
): Promise<string> {
  if (settings.keyFile !== null)
    return sendable(await keyInFile(settings.keyFile), settings.keyFile);
  for (const name of keyVariables[provider]) {
    const key = place.environment[name]?.trim();
    if (key !== undefined && key !== "") return sendable(key, name);
  }
  if (provider === "openai-compatible") return "";
  throw new ModelError("AUTOSD-MODEL-AUTH", `there is no key for ${provider}`, {
    remedy: `Set ${keyVariables[provider].join(" or ")}, or name a file with --key-file FILE, and give the command again`,
  });
}

/** No header takes other characters: asking with them fails as if the network did. */
function sendable(key: string, place: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ModelError(
    "AUTOSD-MODEL-AUTH",
    `the key in ${place} has a character that no key has (a space, a line break, or one beyond ASCII)`,
    { remedy: `Correct ${place} and give the command again` },
  );
}

/** Once said, it is the person's to decide: a server of one's own network may be meant. */
function warnOfPlainHttp(place: ModelPlace, key: string, baseUrl: string | null): void {
  if (key === "" || baseUrl === null) return;
  const { protocol, hostname, host } = new URL(baseUrl);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === "http:" && !isHere)
    place.onWaiting(
      `the key goes to ${host} unencrypted: whoever carries it can read it (use https)`,
    );
}

async function keyInFile(file: string): Promise<string> {
  const { readToken } = await import("../adapters/governance/read-token.ts");
  try {
    return (await readToken(file, "key")) ?? "";
  } catch (error) {
    if (!(error instanceof AutosdError)) throw error;
    const { message, remedy } = error;
    throw new ModelError("AUTOSD-MODEL-AUTH", message, { remedy, cause: error });
  }
}

function isSet(place: ModelPlace, name: string): boolean {
  return (place.environment[name] ?? "").trim() !== "";
}
