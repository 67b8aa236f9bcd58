import { chmod, rm } from "node:fs/promises";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Log } from "../../../kernel/log.ts";
import { dial, type DialOptions } from "./dial.ts";
import { destinationText, parseDestination, type Destination } from "./host-port.ts";

/** More than npm opens at once, few enough for a hostile command not to exhaust autosd's files. */
const maxConnections = 128;
const idleTimeoutMs = 120_000;
const headerTimeoutMs = 15_000;

/** An egress proxy at work; `close` ends its connections and removes the socket. */
export interface EgressProxy {
  readonly close: () => Promise<void>;
}

/**
 * A proxy on a Unix socket that passes CONNECT and absolute-form HTTP to the listed `host:port`
 * and refuses everything else with 403. It resolves names itself: the sandbox has no DNS.
 */
export async function startEgressProxy(options: {
  readonly socketPath: string;
  readonly allowed: readonly Destination[];
  readonly dial: DialOptions;
  readonly log: Log;
  readonly onRefused?: ((destination: string) => void) | undefined;
}): Promise<EgressProxy> {
  const allowed = new Set(options.allowed.map(destinationText));
  const open = new Set<Duplex>();
  const judge = (text: string): Destination | undefined => {
    const destination = parseDestination(text);
    if (destination !== undefined && allowed.has(destinationText(destination))) return destination;
    options.log.warn("sandbox egress refused", { destination: text.slice(0, 300) });
    options.onRefused?.(text.slice(0, 300));
    return undefined;
  };
  const server = createServer({ headersTimeout: headerTimeoutMs, maxHeaderSize: 16_384 });
  server.maxConnections = maxConnections;
  server.on("connection", (socket) => track(open, socket));
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void tunnel({ request, socket, head }, judge, options.dial, open);
  });
  server.on("request", (request, response) => {
    void forward(request, response, judge, options.dial);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await listen(server, options.socketPath);
  // The folder around it is 0700 on the host; inside, the command is another user.
  await chmod(options.socketPath, 0o666);
  return {
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(options.socketPath, { force: true });
    },
  };
}

function track(open: Set<Duplex>, socket: Duplex): void {
  open.add(socket);
  socket.on("error", () => socket.destroy());
  socket.once("close", () => open.delete(socket));
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
  });
}

type Judge = (text: string) => Destination | undefined;

async function tunnel(
  client: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  judge: Judge,
  options: DialOptions,
  open: Set<Duplex>,
): Promise<void> {
  const { socket, head } = client;
  const destination = judge(client.request.url ?? "");
  if (destination === undefined) {
    socket.end(plainAnswer(403, "Forbidden", "this sandbox may not connect there"));
    return;
  }
  const answer = await dial(destination, "https", options);
  if (answer.kind === "failed") {
    socket.end(plainAnswer(502, "Bad Gateway", answer.reason));
    return;
  }
  const far = answer.socket;
  if (socket.destroyed) {
    far.destroy();
    return;
  }
  track(open, far);
  far.setTimeout(idleTimeoutMs, () => far.destroy());
  socket.once("close", () => far.destroy());
  far.once("close", () => socket.destroy());
  socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) far.write(head);
  far.pipe(socket);
  socket.pipe(far);
}

function plainAnswer(status: number, title: string, reason: string): string {
  const body = `autosd: ${reason}\n`;
  return `HTTP/1.1 ${status} ${title}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}

const hopByHop = new Set(
  "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/** Plain HTTP through the proxy: the request line holds the whole address. */
async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  judge: Judge,
  options: DialOptions,
): Promise<void> {
  const target = plainTarget(request.url ?? "");
  const destination = target === undefined ? undefined : judge(target.destination);
  if (target === undefined || destination === undefined) {
    refuse(response, 403, "this sandbox may not connect there");
    return;
  }
  const answer = await dial(destination, "http", options);
  if (answer.kind === "failed") {
    refuse(response, 502, answer.reason);
    return;
  }
  const headers = Object.entries(request.headers).filter(([name]) => !hopByHop.has(name));
  const far = httpRequest({
    createConnection: () => answer.socket,
    method: request.method,
    path: answer.via === undefined ? target.path : `http://${target.destination}${target.path}`,
    headers: {
      ...Object.fromEntries(headers),
      // What the destination is called is decided by the address, not by what the command claims.
      host: target.destination,
      ...(answer.via === undefined ? {} : { "proxy-authorization": answer.via }),
      connection: "close",
    },
  });
  far.setTimeout(idleTimeoutMs, () => far.destroy());
  far.on("error", () => refuse(response, 502, "the connection to the host broke"));
  far.on("response", (result) => {
    const kept = Object.entries(result.headers).filter(([name]) => !hopByHop.has(name));
    response.writeHead(result.statusCode ?? 502, Object.fromEntries(kept));
    result.on("error", () => response.destroy());
    result.pipe(response);
  });
  response.once("close", () => far.destroy());
  request.pipe(far);
}

function plainTarget(
  url: string,
): { readonly destination: string; readonly path: string } | undefined {
  const match = /^http:\/\/([^/?#\\\s]+)([/?]\S*)?$/i.exec(url);
  const authority = match?.[1];
  if (authority === undefined || authority.includes("@")) return undefined;
  const path = match?.[2] ?? "/";
  const destination = /:\d+$/.test(authority) ? authority : `${authority}:80`;
  return { destination, path: path.startsWith("/") ? path : `/${path}` };
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "text/plain", connection: "close" });
  response.end(`autosd: ${reason}\n`);
}
