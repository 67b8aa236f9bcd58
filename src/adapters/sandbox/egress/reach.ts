import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { codeOf } from "../../../machine/error-code.ts";
import { dial, type AddressBook } from "./dial.ts";
import { parseDestination, type Destination } from "./host-port.ts";
import type { NpmConfiguration } from "./npm-configuration.ts";
import type { ProxySettings } from "./upstream.ts";

/** A registry that has not begun to answer by then is away: whoever waits wants to know. */
export const reachTimeoutMs = 8_000;

/** How this machine reaches the network. */
export interface ReachOptions {
  readonly proxies: ProxySettings;
  readonly addresses: AddressBook;
  readonly npm: NpmConfiguration;
  /** Default: `reachTimeoutMs`. */
  readonly timeoutMs?: number;
}

/**
 * Whether one of the `host:port` answers, on the way that installs take: through the machine's proxy
 * where it has one. An opened connection is no answer yet, since a proxy or a firewall opens one to
 * a host that is away. Never rejects; resolves within `timeoutMs`.
 */
export async function anyAnswers(
  hosts: readonly string[],
  options: ReachOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), options.timeoutMs ?? reachTimeoutMs);
  const ended = AbortSignal.any([signal, stop.signal]);
  try {
    return await Promise.any(hosts.map((host) => mustAnswer(host, options, ended)));
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

async function mustAnswer(host: string, options: ReachOptions, signal: AbortSignal): Promise<true> {
  const destination = parseDestination(host);
  if (destination === undefined) throw new Error(`${host} is no destination`);
  const scheme = schemeOf(destination, options.npm);
  const answer = await before(
    signal,
    dial(destination, scheme, options).then((one) => {
      if (one.kind === "failed") throw new Error(one.reason);
      if (signal.aborted) one.socket.destroy();
      return one;
    }),
  );
  try {
    await before(
      signal,
      scheme === "http"
        ? headAnswer(answer.socket, host, answer.via)
        : handshake(answer.socket, destination.host),
    );
  } finally {
    answer.socket.destroy();
  }
  return true;
}

/** Registries speak TLS unless npm is told otherwise. */
function schemeOf(destination: Destination, npm: NpmConfiguration): "http" | "https" {
  const isPlain = Object.values(npm.registries).some((text) => {
    const url = new URL(text);
    const port = url.port === "" ? 80 : Number(url.port);
    return (
      url.protocol === "http:" && url.hostname === destination.host && port === destination.port
    );
  });
  return isPlain || destination.port === 80 ? "http" : "https";
}

/** Any word of the other side is an answer, a refused certificate or a protocol error included. */
function handshake(socket: Socket, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const name = /^[\d.]+$|:/.test(host) ? "" : host;
    const secured = connectTls({ socket, servername: name });
    secured.once("secureConnect", resolve);
    secured.once("error", (error: Error) => {
      if (/^(ECONN|EPIPE|ETIMEDOUT)/.test(codeOf(error) ?? "")) reject(error);
      else resolve();
    });
    secured.once("close", () => reject(new Error("the connection was closed")));
  });
}

/** What a proxy says when it is the registry that does not answer. */
const awayStatuses = new Set(["407", "502", "503", "504"]);

function headAnswer(socket: Socket, host: string, via: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
    socket.once("data", (chunk: Buffer) => {
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(chunk.toString("latin1"))?.[1];
      if (via !== undefined && status !== undefined && awayStatuses.has(status))
        reject(new Error(`the proxy answered ${status}`));
      else resolve();
    });
    const target = via === undefined ? "/" : `http://${host}/`;
    const credentials = via === undefined || via === "" ? "" : `Proxy-Authorization: ${via}\r\n`;
    socket.write(
      `HEAD ${target} HTTP/1.1\r\nHost: ${host}\r\n${credentials}Connection: close\r\n\r\n`,
    );
  });
}

function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error("there was no answer in time"));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
