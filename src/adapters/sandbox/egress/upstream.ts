/** The caller's variables and npm's settings that say how this machine reaches the network. */
export interface ProxySettings {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Comma-separated host suffixes that are reached directly. */
  readonly direct: string | undefined;
}

/** The proxy for a destination, as curl and npm choose it; `undefined`: connect directly. */
export function upstreamFor(
  settings: ProxySettings,
  destination: { readonly host: string; readonly port: number },
  scheme: "http" | "https",
): URL | undefined {
  const text = scheme === "https" ? (settings.https ?? settings.http) : settings.http;
  if (text === undefined || text.trim() === "") return undefined;
  if (isDirect(settings.direct ?? "", destination)) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return ["http:", "https:"].includes(url.protocol) ? url : undefined;
}

function isDirect(
  list: string,
  destination: { readonly host: string; readonly port: number },
): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [name = "", port] = entry.toLowerCase().split(/:(\d+)$/);
      if (port !== undefined && Number(port) !== destination.port) return false;
      const suffix = name.replace(/^\*?\./, "");
      return destination.host === suffix || destination.host.endsWith(`.${suffix}`);
    });
}

/** Host and port of a proxy's own address. */
export function endpointOf(url: URL): { readonly host: string; readonly port: number } {
  const standard = url.protocol === "https:" ? 443 : 80;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? standard : Number(url.port),
  };
}

/** The `Proxy-Authorization` value for a proxy with a user in its address. */
export function proxyAuthorization(url: URL): string | undefined {
  if (url.username === "") return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
}
