/** OTLP/JSON (opentelemetry-proto 1.x): ids in hex, 64-bit numbers as texts. */

export type AttributeValue = string | number | boolean | readonly string[];

/** A finished span, in OpenTelemetry's terms. */
export interface Span {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  readonly failed: boolean;
}

type JsonValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly { readonly stringValue: string }[] } };

interface JsonAttribute {
  readonly key: string;
  readonly value: JsonValue;
}

/** SPAN_KIND_CLIENT and STATUS_CODE_ERROR of the protocol. */
const clientKind = 3;
const errorStatus = 2;
const maxTextCharacters = 1_024;

/** The body of one request to a collector. */
export function exportBody(
  resource: Readonly<Record<string, string>>,
  scope: { readonly name: string; readonly version: string },
  spans: readonly Span[],
): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope, spans: spans.map(jsonSpan) }],
      },
    ],
  });
}

function jsonSpan(span: Span): unknown {
  const { traceId, spanId, name } = span;
  return {
    traceId,
    spanId,
    name,
    kind: clientKind,
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(Math.max(span.startMs, span.endMs)),
    attributes: attributesOf(span.attributes),
    status: span.failed ? { code: errorStatus } : {},
  };
}

function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`;
}

function attributesOf(
  values: Readonly<Record<string, AttributeValue | undefined>>,
): readonly JsonAttribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: jsonValue(value) }],
  );
}

function jsonValue(value: AttributeValue): JsonValue {
  if (typeof value === "string") return { stringValue: bounded(value) };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value !== "number")
    return { arrayValue: { values: value.map((one) => ({ stringValue: bounded(one) })) } };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Half of a surrogate pair is no UTF-8: a collector refuses the whole request for it. */
function bounded(text: string): string {
  return text.slice(0, maxTextCharacters).replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}
