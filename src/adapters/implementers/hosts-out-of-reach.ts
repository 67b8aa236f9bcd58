import { isIP } from "node:net";

/** How programs say that there is no network: the host is in the first group, when it is named. */
const complaints: readonly RegExp[] = [
  /\b(?:EAI_AGAIN|ENOTFOUND)\s+([\w.-]+)/g,
  /\bcould not resolve (?:host|hostname|proxy):?\s+([\w.-]+)/gi,
  /\bunable to resolve host(?: address)?\s+[‘'"]?([\w.-]+)/gi,
  /\b(?:ENETUNREACH|EHOSTUNREACH)\s+([\w.:[\]]+)/g,
  /\b([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})(?::| )[^\n]{0,40}(?:temporary failure in name resolution|name or service not known)/gi,
  /\bhost='([\w.-]+)'[^\n]{0,200}(?:name resolution|Failed to establish)/g,
];
const nameless = /temporary failure in name resolution|network is unreachable/i;
const maxHosts = 5;
/** What is looked at of each end of an output. */
const maxReadCharacters = 64 * 1024;

/**
 * Hosts that a failed command could not reach for want of a network, as its output tells; hosts of
 * the sandbox itself are none. A hint, not a proof: what it decides is how a failure is explained.
 */
export function hostsOutOfReach(output: string): readonly string[] {
  const read =
    output.length <= 2 * maxReadCharacters
      ? output
      : `${output.slice(0, maxReadCharacters)}\n${output.slice(-maxReadCharacters)}`;
  const named = complaints.flatMap((one) => [...read.matchAll(one)].map((found) => found[1] ?? ""));
  const hosts = [...new Set(named.map(bare))].filter(isElsewhere);
  if (hosts.length === 0 && named.length === 0 && nameless.test(read)) return ["another host"];
  return hosts.slice(0, maxHosts);
}

function bare(host: string): string {
  const text = host.replace(/[.:]+$/, "");
  const withoutPort = isIP(text) === 0 ? text.replace(/:\d+$/, "") : text;
  return withoutPort.toLowerCase();
}

function isElsewhere(host: string): boolean {
  return host !== "" && host !== "localhost" && host !== "::1" && !/^127\./.test(host);
}
