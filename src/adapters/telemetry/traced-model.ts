import type { Model, ModelAnswer, ModelRequest } from "../../delivery/agent/model/model.port.ts";
import type { JournalPlace } from "../../delivery/agent/model/prompt-journal.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { SpanExporter } from "./otlp-exporter.ts";
import type { AttributeValue } from "./otlp-json.ts";

/** What a call belongs to. */
export type CallPlace = Omit<JournalPlace, "turn">;

export interface Tracing {
  readonly exporter: Pick<SpanExporter, "record">;
  readonly clock: Clock;
  /** 16 hex digits, new each time. */
  readonly nextSpanId: () => string;
  /** Address of the provider; undefined: its own. */
  readonly baseUrl: string | undefined;
}

type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** How the conventions call the providers; the others by autosd's name. */
const providerNames: Readonly<Record<string, string>> = { google: "gcp.gemini" };

/**
 * The same model; each of its calls leaves a span by OpenTelemetry's conventions for generative AI.
 * A span says who was asked, how long it took and how much it was, never what was said: no prompt,
 * no answer, no tool's arguments, no text of an error. All calls of a run are one trace.
 */
export function tracedModel(model: Model, place: CallPlace | undefined, tracing: Tracing): Model {
  const { clock, exporter } = tracing;
  return {
    ...model,
    async answer(request, signal) {
      const startMs = clock.now();
      const fromMs = clock.monotonicMs();
      const asked = askedAttributes(model, request, place, tracing.baseUrl);
      const record = (more: Attributes, failed: boolean): void =>
        exporter.record({
          traceId: traceIdOf(place),
          spanId: tracing.nextSpanId(),
          name: `chat ${model.name}`,
          startMs,
          endMs: startMs + clock.monotonicMs() - fromMs,
          attributes: { ...asked, ...more },
          failed,
        });
      try {
        const answer = await model.answer(request, signal);
        record(answerAttributes(answer), false);
        return answer;
      } catch (error) {
        record({ "error.type": errorType(error, signal) }, true);
        throw error;
      }
    },
  };
}

function askedAttributes(
  model: Model,
  request: ModelRequest,
  place: CallPlace | undefined,
  baseUrl: string | undefined,
): Attributes {
  const server = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": providerNames[model.provider] ?? model.provider,
    "gen_ai.request.model": model.name,
    "gen_ai.request.max_tokens": request.maxOutputTokens,
    "gen_ai.output.type": request.answerSchema === undefined ? "text" : "json",
    ...(place === undefined ? {} : placeAttributes(place)),
    ...(server === undefined
      ? {}
      : { "server.address": server.hostname, "server.port": portOf(server) }),
  };
}

function placeAttributes({ run, story, attempt }: CallPlace): Attributes {
  return {
    "gen_ai.conversation.id": `${run}/${story}/${attempt}`,
    "autosd.run.id": run,
    "autosd.story.id": story,
    "autosd.attempt": attempt,
  };
}

function answerAttributes({ finish, usage, facts }: ModelAnswer): Attributes {
  return {
    "gen_ai.response.id": facts.responseId,
    "gen_ai.response.finish_reasons": [finish === "tool-calls" ? "tool_calls" : finish],
    "gen_ai.usage.input_tokens": usage.inputTokens,
    "gen_ai.usage.output_tokens": usage.outputTokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cachedInputTokens,
    "autosd.retries": facts.retries,
    "autosd.waited_ms": facts.waitedMs,
  };
}

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

/** The message of an error may quote the provider. */
function errorType(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "cancelled";
  return error instanceof AutosdError ? error.code : "_OTHER";
}

/** The same for every process that works on a run. */
function traceIdOf(place: CallPlace | undefined): string {
  return sha256(`trace ${place?.run ?? ""}`)
    .replace(/^sha256:/, "")
    .slice(0, 32);
}
