import type { ModelScript } from "../model-server/script.ts";
import { startModelServer, type ModelServer } from "../model-server/server.ts";
import { createModel, type ModelProvider } from "../../../src/adapters/models/create-model.ts";
import {
  createLimitedCalls,
  usualPatience,
  type CallPatience,
} from "../../../src/adapters/models/limited-fetch.ts";
import { createLimiter } from "../../../src/delivery/agent/limits/limiter.ts";
import { createMemoryLimitStore } from "../../../src/delivery/agent/limits/memory-limit-store.ts";
import type { Model } from "../../../src/delivery/agent/model/model.port.ts";

/** A model in front of a scripted server. */
export interface Bench {
  readonly model: Model;
  readonly server: ModelServer;
  /** Waits that were asked for, in order; none of them took time. */
  readonly waits: number[];
  readonly said: string[];
}

export interface BenchOptions {
  /** Default: `openai-compatible`. */
  readonly provider?: ModelProvider;
  /** Default: `scripted-model`. */
  readonly model?: string;
  readonly patience?: Partial<CallPatience>;
  /** Default: none, which the server takes for as good as any. */
  readonly key?: string;
  /** The key that the server takes. Default: the same. */
  readonly serverKey?: string;
}

/** Waiting takes no time here: the clock jumps. Its server is the caller's to close. */
export async function modelBench(script: ModelScript, more: BenchOptions = {}): Promise<Bench> {
  const wanted = more.serverKey ?? more.key;
  const server = await startModelServer(script, wanted === undefined ? {} : { key: wanted });
  const waits: number[] = [];
  const said: string[] = [];
  let skippedMs = 0;
  const clock = {
    now: () => Date.now() + skippedMs,
    monotonicMs: () => performance.now() + skippedMs,
  };
  const patience = { ...usualPatience, ...more.patience };
  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    // The watch for silence runs beside every request; it is not a pause between two.
    if (ms === patience.maxSilenceMs / 2) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      });
      return;
    }
    waits.push(ms);
    skippedMs += ms;
  };
  let ids = 0;
  const limiter = createLimiter({
    store: createMemoryLimitStore(),
    clock,
    wait,
    owner: "test",
    nextId: () => String(ids++),
  });
  const calls = createLimitedCalls({
    limiter,
    clock,
    wait,
    random: () => 0.5,
    patience,
    onWaiting: (message) => said.push(message),
  });
  const provider = more.provider ?? "openai-compatible";
  const model = await createModel({
    provider,
    model: more.model ?? "scripted-model",
    baseUrl: `${server.url}${provider === "google" ? "/v1beta" : "/v1"}`,
    key: async () => more.key ?? "",
    calls,
    clock,
  });
  return { model, server, waits, said };
}
