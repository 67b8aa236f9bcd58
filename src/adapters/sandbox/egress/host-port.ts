import { isIP, isIPv4 } from "node:net";
import { SandboxError } from "../errors.ts";

/** Where a connection goes, in the one spelling that is compared: `registry.example:443`, `[::1]:8080`. */
export interface Destination {
  /** Lower case, no trailing dot, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `host:port` in one spelling. */
export function destinationText({ host, port }: Destination): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * Reads `host:port` as in a CONNECT request. `undefined` for anything that two readers could
 * understand differently: user information, paths, numbers that are addresses in disguise
 * (`127.1`, `0x7f000001`), percent signs, characters outside ASCII.
 */
export function parseDestination(text: string): Destination | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port < 1 || port > 65_535) return undefined;
  if (match[1] !== undefined) {
    if (isIP(match[1]) !== 6) return undefined;
    // The URL parser knows the one short spelling of an IPv6 address.
    return { host: new URL(`http://[${match[1]}]`).hostname.slice(1, -1), port };
  }
  const host = (match[2] ?? "").toLowerCase().replace(/\.$/, "");
  if (isIPv4(host)) return { host, port };
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  if (host.length > 253 || !labels.every((one) => label.test(one))) return undefined;
  // A name never ends in a number: that is how old programs write addresses.
  if (/^(\d+|0x[0-9a-f]*)$/.test(last)) return undefined;
  return { host, port };
}

/** The same for a list that a person wrote; throws `AUTOSD-SANDBOX-EGRESS` for an entry that is no host:port. */
export function parseAllowList(entries: readonly string[]): readonly Destination[] {
  return entries.map((entry) => {
    const parsed = parseDestination(entry.trim());
    if (parsed === undefined)
      throw new SandboxError(
        "AUTOSD-SANDBOX-EGRESS",
        `${JSON.stringify(entry)} is no host:port that a sandbox may be allowed to reach`,
      );
    return parsed;
  });
}

/** What a network address belongs to. `local`: this machine's link, its metadata service, or nobody. */
export function addressScope(address: string): "public" | "private" | "local" {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return addressScope(mapped[1]);
  if (isIPv4(address)) return scopeOfFour(address.split(".").map(Number));
  const start = address.toLowerCase();
  if (start === "::1") return "private";
  if (start === "::" || /^fe[89ab]/.test(start) || start.startsWith("ff")) return "local";
  // Unique local addresses, and the two ranges that carry an IPv4 address inside.
  if (/^f[cd]/.test(start) || start.startsWith("64:ff9b:") || start.startsWith("2002:"))
    return "private";
  return "public";
}

function scopeOfFour([first = 0, second = 0]: readonly number[]): "public" | "private" | "local" {
  if (first === 0 || first >= 224 || (first === 169 && second === 254)) return "local";
  const isPrivate =
    first === 10 ||
    first === 127 ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second <= 127) ||
    (first === 198 && (second === 18 || second === 19));
  return isPrivate ? "private" : "public";
}
