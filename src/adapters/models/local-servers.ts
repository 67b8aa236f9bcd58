import { object, parsed } from "./answer-body.ts";
import type { Fetch } from "./transfer.ts";

/** A server of language models on this machine. */
export interface LocalServer {
  readonly name: string;
  /** With its version. */
  readonly baseUrl: string;
  /** What it has loaded first. */
  readonly model: string;
}

/** Where such servers listen when nobody says otherwise, the most particular port first. */
const usualPlaces = [
  ["Ollama", 11_434],
  ["LM Studio", 1_234],
  ["llama.cpp", 8_080],
  ["vLLM", 8_000],
] as const;
const maxListBytes = 1_048_576;
/** They answer questions, but not with code. */
const noWriter = /embed|rerank|whisper|tts/i;

/**
 * The first of the usual places that lists a model within `timeoutMs`; all are asked at once, and
 * only for their list. Never throws: whoever does not answer in that shape is none.
 */
export async function findLocalServer(options: {
  readonly timeoutMs: number;
  readonly fetch?: Fetch;
  readonly places?: readonly (readonly [name: string, port: number])[];
}): Promise<LocalServer | undefined> {
  const asked = (options.places ?? usualPlaces).map(async ([name, port]) => {
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const model = await firstModel(options.fetch ?? fetch, baseUrl, options.timeoutMs);
    return model === undefined ? undefined : { name, baseUrl, model };
  });
  const found = await Promise.all(asked);
  return found.find((one) => one !== undefined);
}

async function firstModel(
  ask: Fetch,
  baseUrl: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const response = await ask(`${baseUrl}/models`, {
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const size = Number(response.headers.get("content-length") ?? 0);
    if (!response.ok || size > maxListBytes) {
      await response.body?.cancel();
      return undefined;
    }
    const { data } = parsed(await response.text()) ?? {};
    const ids = Array.isArray(data) ? data.map((one) => object(one)["id"]) : [];
    return ids.find((id): id is string => typeof id === "string" && !noWriter.test(id));
  } catch {
    return undefined;
  }
}
