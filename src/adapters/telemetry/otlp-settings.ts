/** Where spans go. */
export interface OtlpSettings {
  /** Of the traces, whole. */
  readonly endpoint: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

export type OtlpWish =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly settings: OtlpSettings }
  /** Asked for in a way that cannot be followed: a reason to say so, never one to stop. */
  | { readonly kind: "unusable"; readonly reason: string };

type Variables = Readonly<Record<string, string | undefined>>;

const base = "OTEL_EXPORTER_OTLP";
const maxPairs = 64;
/** A token of RFC 9110. */
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * What OpenTelemetry's own variables ask for; `configured` is autosd's own option and goes first.
 * Off unless an address is named.
 */
export function readOtlpSettings(variables: Variables, configured: string | undefined): OtlpWish {
  const of = (name: string): string => variables[name]?.trim() ?? "";
  const exporter = of("OTEL_TRACES_EXPORTER");
  if (of("OTEL_SDK_DISABLED").toLowerCase() === "true" || exporter === "none")
    return { kind: "off" };
  const traces = configured === undefined ? of(`${base}_TRACES_ENDPOINT`) : "";
  const all = configured ?? of(`${base}_ENDPOINT`);
  if (traces === "" && all === "") return { kind: "off" };
  const protocol = of(`${base}_TRACES_PROTOCOL`) || of(`${base}_PROTOCOL`);
  if (protocol === "grpc")
    return { kind: "unusable", reason: "the collector is asked for over gRPC; autosd speaks HTTP" };
  const endpoint = traces === "" ? tracesBelow(all) : addressOf(traces);
  if (endpoint === undefined)
    return { kind: "unusable", reason: "the collector's address is no http or https address" };
  if (endpoint.username !== "" || endpoint.password !== "")
    return { kind: "unusable", reason: `credentials belong into ${base}_HEADERS, not the address` };
  const headers = headersOf([of(`${base}_HEADERS`), of(`${base}_TRACES_HEADERS`)]);
  return { kind: "on", settings: { endpoint, headers, resource: resourceOf(of) } };
}

function resourceOf(of: (name: string) => string): Readonly<Record<string, string>> {
  const given = pairsOf(of("OTEL_RESOURCE_ATTRIBUTES"));
  const name = of("OTEL_SERVICE_NAME") || given["service.name"] || "autosd";
  return { ...given, "service.name": name };
}

/** Of two of one name the later one. What cannot be a header's name would fail every request. */
function headersOf(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.flatMap((text) => Object.entries(pairsOf(text)));
  const named = pairs.filter(([name]) => headerName.test(name));
  return Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value]));
}

function tracesBelow(address: string): URL | undefined {
  const url = addressOf(address);
  if (url !== undefined) url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url;
}

function addressOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** `name=value,name=value`, percent-encoded; what is no such pair is passed over. */
function pairsOf(text: string): Record<string, string> {
  const pairs = text.split(",").flatMap((pair): [string, string][] => {
    const at = pair.indexOf("=");
    const [name, value] = [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
    return at > 0 && name !== "" && /^[\x20-\x7e]*$/.test(name + value) ? [[name, value]] : [];
  });
  return Object.fromEntries(pairs.slice(0, maxPairs));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}
