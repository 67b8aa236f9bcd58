import { once } from "./governance.ts";
import type { CallPlace } from "../adapters/telemetry/traced-model.ts";
import type { Model } from "../delivery/agent/model/model.port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

/** What spans of model calls are made and sent with. */
export interface TelemetryPlace {
  /** Holds OpenTelemetry's own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** autosd's own option; goes first. */
  readonly otlpEndpoint: string | undefined;
  readonly version: string;
  readonly clock: () => Promise<Clock>;
  readonly log: () => Promise<Log>;
  /** Told when what was asked for cannot be done. */
  readonly onProblem: (message: string) => void;
  readonly onClose: (close: () => Promise<void>) => void;
}

/** The same model, with its calls watched when a collector is named; `baseUrl` is its address. */
export type WatchModel = (
  model: Model,
  baseUrl: string | null,
  place: CallPlace | undefined,
) => Model;

/** Nothing is loaded and nothing is sent unless an address asks for it. */
export function modelWatch(place: TelemetryPlace): () => Promise<WatchModel> {
  const variables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  const isNamed = variables.some((name) => (place.environment[name] ?? "").trim() !== "");
  const unwatched: WatchModel = (model) => model;
  if (!isNamed && place.otlpEndpoint === undefined) return async () => unwatched;
  return once(async () => (await openWatch(place)) ?? unwatched);
}

async function openWatch(place: TelemetryPlace): Promise<WatchModel | undefined> {
  const { readOtlpSettings } = await import("../adapters/telemetry/otlp-settings.ts");
  const wish = readOtlpSettings(place.environment, place.otlpEndpoint);
  if (wish.kind === "unusable") place.onProblem(`no spans are sent: ${wish.reason}`);
  if (wish.kind !== "on") return undefined;
  const { settings } = wish;
  const { randomBytes } = await import("node:crypto");
  const { keepSecret } = await import("../kernel/known-secrets.ts");
  const { createOtlpExporter } = await import("../adapters/telemetry/otlp-exporter.ts");
  const { tracedModel } = await import("../adapters/telemetry/traced-model.ts");
  const { systemTimer } = await import("../adapters/engine/system-timer.ts");
  for (const value of Object.values(settings.headers)) keepSecret(value);
  const clock = await place.clock();
  const exporter = createOtlpExporter({
    settings,
    scope: { name: "autosd", version: place.version },
    clock,
    log: await place.log(),
    wait: (ms, signal) => systemTimer.wait(ms, signal),
    fetch,
  });
  place.onClose(() => exporter.close());
  const nextSpanId = (): string => randomBytes(8).toString("hex");
  return (model, baseUrl, at) =>
    tracedModel(model, at, { exporter, clock, nextSpanId, baseUrl: baseUrl ?? undefined });
}
