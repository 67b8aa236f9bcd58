import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressScope, destinationText, type Destination } from "./host-port.ts";
import { endpointOf, proxyAuthorization, upstreamFor, type ProxySettings } from "./upstream.ts";

const connectTimeoutMs = 20_000;
const maxProxyAnswerBytes = 16_384;

/** How the host side of an egress proxy reaches the network. */
export interface DialOptions {
  readonly proxies: ProxySettings;
  readonly addresses: AddressBook;
}

export type DialAnswer =
  | {
      readonly kind: "connected";
      readonly socket: Socket;
      /** `Proxy-Authorization` (may be empty) when plain HTTP goes through another proxy. */
      readonly via: string | undefined;
    }
  | { readonly kind: "failed"; readonly reason: string };

/** Opens a connection to an allowed destination. Never throws; the reason of a failure is for the command. */
export async function dial(
  destination: Destination,
  scheme: "http" | "https",
  options: DialOptions,
): Promise<DialAnswer> {
  try {
    const upstream = upstreamFor(options.proxies, destination, scheme);
    if (upstream === undefined) {
      const address = await options.addresses.resolve(destination.host);
      const socket = await opened(connect({ host: address, port: destination.port }), "connect");
      return { kind: "connected", socket, via: undefined };
    }
    const socket = await openedUpstream(upstream);
    if (scheme === "http")
      return { kind: "connected", socket, via: proxyAuthorization(upstream) ?? "" };
    await askForTunnel(socket, destination, proxyAuthorization(upstream));
    return { kind: "connected", socket, via: undefined };
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : "no connection" };
  }
}

/** Resolves names, and remembers which of them were inside the private network from the start. */
export interface AddressBook {
  /** One address; rejects for a name whose answers lie where they did not lie before. */
  readonly resolve: (host: string) => Promise<string>;
}

/**
 * A registry inside a company has a private address, and a public name must never be turned into
 * one: the first answer, seen before anything untrusted ran, decides for the life of the book.
 */
export function createAddressBook(
  find: (host: string) => Promise<readonly string[]> = findAddresses,
): AddressBook {
  const known = new Map<string, "public" | "private">();
  return {
    async resolve(host) {
      if (isIP(host) !== 0) return host;
      const addresses = await find(host);
      const scopes = addresses.map(addressScope);
      if (addresses.length === 0 || scopes.includes("local"))
        throw new Error(`${host} has no address that may be reached`);
      const scope = scopes.includes("private") ? "private" : "public";
      const before = known.get(host);
      if (before === undefined) known.set(host, scope);
      if (before === "public" && scope === "private")
        throw new Error(`${host} now has a private address, which is refused`);
      return addresses[0] ?? host;
    },
  };
}

async function findAddresses(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

async function openedUpstream(upstream: URL): Promise<Socket> {
  const { host, port } = endpointOf(upstream);
  return upstream.protocol === "https:"
    ? opened(connectTls({ host, port, servername: isIP(host) === 0 ? host : "" }), "secureConnect")
    : opened(connect({ host, port }), "connect");
}

async function opened<S extends Socket>(socket: S, event: string): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error("the host did not answer in time"));
    }, connectTimeoutMs);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`the host could not be reached: ${error.message}`));
    });
    socket.once(event, () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

async function askForTunnel(
  socket: Socket,
  destination: Destination,
  authorization: string | undefined,
): Promise<void> {
  const target = destinationText(destination);
  const credentials =
    authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`);
  const answer = await readHead(socket);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
  if (status === "200") return;
  socket.destroy();
  throw new Error(`the machine's own proxy answered ${status ?? "nothing that is HTTP"}`);
}

/** The head of a proxy's answer; bytes after it go back to the socket. */
async function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const done = (finish: () => void): void => {
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("error", onError);
      socket.off("close", onError);
      finish();
    };
    const onError = (): void =>
      done(() => reject(new Error("the machine's own proxy closed the connection")));
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\r\n\r\n");
      if (end === -1 && seen.length <= maxProxyAnswerBytes) return;
      socket.pause();
      done(() => {
        if (end === -1) {
          reject(new Error("the machine's own proxy talks too much"));
          return;
        }
        const rest = seen.subarray(end + 4);
        if (rest.length > 0) socket.unshift(rest);
        resolve(seen.subarray(0, end).toString("latin1"));
      });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      onError();
    }, connectTimeoutMs);
    socket.on("data", onData);
    socket.once("error", onError);
    socket.once("close", onError);
  });
}
