import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { AddressBook } from "./dial.ts";
import type { NpmConfiguration } from "./npm-configuration.ts";
import { anyAnswers } from "./reach.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.on("error", () => undefined));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const registry = (): Promise<number> =>
  listening(createHttpServer((_request, response) => response.end("{}")));
/** Takes connections and says nothing, as a firewall or a dead host behind a balancer does. */
const silent = (): Promise<number> => listening(createServer());
const refusing = (status: number): Promise<number> => {
  const server = createHttpServer((_request, response) => response.writeHead(status).end());
  server.on("connect", (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
  return listening(server);
};
/** A proxy that does its work. */
const passing = (): Promise<number> => {
  const server = createHttpServer((request, response) => {
    const url = (request.url ?? "").replace("registry.test", "127.0.0.1");
    void fetch(url, { method: "HEAD" }).then(
      (answer) => response.writeHead(answer.status).end(),
      () => response.writeHead(502).end(),
    );
  });
  server.on("connect", (request, socket) => {
    const port = Number((request.url ?? "").split(":").at(-1));
    const far = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      far.pipe(socket).pipe(far);
    });
    far.on("error", () => socket.destroy());
    socket.on("error", () => far.destroy());
  });
  return listening(server);
};

const addresses: AddressBook = { resolve: async () => "127.0.0.1" };
const npm: NpmConfiguration = {
  registries: {},
  caFile: undefined,
  strictSsl: true,
  httpProxy: undefined,
  httpsProxy: undefined,
  noProxy: undefined,
};

function asked(
  hosts: readonly string[],
  via: { readonly proxy?: number; readonly plain?: boolean; readonly timeoutMs?: number } = {},
  signal = new AbortController().signal,
): Promise<boolean> {
  const proxy = via.proxy === undefined ? undefined : `http://127.0.0.1:${via.proxy}`;
  const registries = Object.fromEntries(hosts.map((host) => [`@${host}`, `http://${host}/`]));
  return anyAnswers(
    hosts,
    {
      proxies: { http: proxy, https: proxy, direct: undefined },
      addresses,
      npm: via.plain === true ? { ...npm, registries } : npm,
      // Long enough for any machine; short where nobody will answer.
      timeoutMs: via.timeoutMs ?? 20_000,
    },
    signal,
  );
}

describe.each([
  ["over TLS", false],
  ["in plain HTTP", true],
])("a registry %s", (_what, plain) => {
  it("that is there answers, and one of several is enough", async () => {
    const host = `127.0.0.1:${await registry()}`;
    expect(await asked([host], { plain })).toBe(true);
    expect(await asked(["127.0.0.1:1", host], { plain })).toBe(true);
  });

  it("that takes connections and says nothing is away", async () => {
    expect(await asked([`127.0.0.1:${await silent()}`], { plain, timeoutMs: 300 })).toBe(false);
  });

  it("that takes no connection is away", async () => {
    expect(await asked(["127.0.0.1:1"], { plain })).toBe(false);
  });

  it("answers through a proxy that works", async () => {
    const proxy = await passing();
    expect(await asked([`registry.test:${await registry()}`], { plain, proxy })).toBe(true);
    expect(await asked([`127.0.0.1:${await registry()}`], { plain, proxy })).toBe(true);
  });

  it("behind a proxy that works is away when it says nothing itself", async () => {
    const proxy = await passing();
    expect(await asked([`127.0.0.1:${await silent()}`], { plain, proxy, timeoutMs: 300 })).toBe(
      false,
    );
  });

  it("behind a proxy that hangs is away", async () => {
    const host = `127.0.0.1:${await registry()}`;
    expect(await asked([host], { plain, proxy: await silent(), timeoutMs: 300 })).toBe(false);
  });

  it.each([407, 502, 503])("behind a proxy that answers %d is away", async (status) => {
    const host = `127.0.0.1:${await registry()}`;
    expect(await asked([host], { plain, proxy: await refusing(status) })).toBe(false);
  });

  it("behind a proxy that takes no connection is away", async () => {
    expect(await asked([`127.0.0.1:${await registry()}`], { plain, proxy: 1 })).toBe(false);
  });
});

it.each([[[]], [["nonsense"]], [["host:0"]], [["host:99999"]]])(
  "nobody answers at %j",
  async (hosts) => {
    expect(await asked(hosts)).toBe(false);
  },
);

it("ends at once when it is aborted", async () => {
  const controller = new AbortController();
  const host = `127.0.0.1:${await silent()}`;
  const answer = asked([host], { timeoutMs: 3_600_000 }, controller.signal);
  controller.abort();
  expect(await answer).toBe(false);
});
